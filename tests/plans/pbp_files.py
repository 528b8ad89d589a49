"""PBP Benefits zips of our own in the layout of CMS: tab-separated Windows-1252 with unpadded segments."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from estimator.plans import pbp

KEY = ("pbp_a_hnumber", "pbp_a_plan_identifier", "segment_id", "pbp_a_ben_cov", "pbp_a_plan_type", "orgtype", "bid_id")
DAY = (2026, 10, 1, 12, 0, 0)
Cells = Mapping[str, str]
Tables = dict[str, list[dict[str, str]]]

PPO = {
    "pbp_a_hnumber": "H2406", "pbp_a_plan_identifier": "013", "segment_id": "0", "pbp_a_plan_type": "04",
    "pbp_a_org_marketing_name": "UnitedHealthcare", "pbp_a_plan_name": "Evergreen’s Choice FL-1 (PPO)",
    "pbp_a_eghp_yn": "2",
    "pbp_b7i_copay_yn": "1", "pbp_b7i_copay_mc_amt_min": "65.00", "pbp_b7i_copay_mc_amt_max": "65.00",
    "pbp_b7i_coins_yn": "2", "pbp_b7i_ded_yn": "2", "pbp_b7i_auth_yn": "1", "pbp_b7i_refer_yn": "2",
    "pbp_b7i_maxenr_yn": "2",
    "pbp_b7d_copay_yn": "1", "pbp_b7d_copay_amt_mc_min": "0.00", "pbp_b7d_copay_amt_mc_max": "65.00",
    "pbp_b7d_coins_yn": "2",
    "pbp_d_ann_deduct_yn": "1", "pbp_d_ann_deduct_amt_type": "4", "pbp_d_ann_deduct_amt": "1000.00",
    "pbp_d_out_pocket_amt_yn": "1", "pbp_d_out_pocket_amt": "7150.00",
    "pbp_d_comb_max_enr_amt_yn": "1", "pbp_d_comb_max_enr_amt": "10750.00", "pbp_d_oon_max_enr_oopc_yn": "2",
}  # fmt: skip
HMO = PPO | {
    "pbp_a_hnumber": "H0104", "pbp_a_plan_identifier": "012", "pbp_a_plan_type": "01", "pbp_a_plan_name": "Cedar (HMO)",
    "pbp_a_org_marketing_name": "Cedar Health", "pbp_d_ann_deduct_yn": "", "pbp_d_ann_deduct_amt_type": "",
    "pbp_d_ann_deduct_amt": "", "pbp_d_inn_deduct_yn": "2", "pbp_d_comb_max_enr_amt_yn": "",
    "pbp_d_comb_max_enr_amt": "", "pbp_b7i_auth_yn": "2", "pbp_b7i_refer_yn": "1",
}  # fmt: skip
OUTSIDE = {
    "pbp_c_oon_out_mc_bendesc_cats": "7i;", "pbp_c_oon_outpt_copay_yn": "1", "pbp_c_oon_outpt_copay_min_amt": "100.00",
    "pbp_c_oon_outpt_copay_max_amt": "100.00", "pbp_c_oon_outpt_coins_yn": "2",
}  # fmt: skip
FLORIDA = {"contract_year": "2027", "stcd": "FL", "county": "Duval", "county_code": "10150"}
_COLUMNS = {
    "pbp_Section_A.txt": pbp._PLANS,
    "pbp_b7_health_prof.txt": pbp._CARE,
    "pbp_Section_D.txt": pbp._MONEY,
    "pbp_Section_C_OON.txt": tuple(pbp._OUTSIDE.values()),
    "pbp_Section_C_POS.txt": tuple(pbp._POINT_OF_SERVICE.values()),
    "PlanArea.txt": (*pbp._AREA, "county_code"),
}


def tables(
    *plans: Cells, outside: Iterable[Cells] = (), service: Iterable[Cells] = (), areas: Iterable[Cells] = ()
) -> Tables:
    """Return the rows of each table; without areas every plan is sold in Duval county."""
    found = [dict(plan) for plan in plans]
    everywhere = [{**plan, **FLORIDA} for plan in found]
    return {
        "pbp_Section_A.txt": found,
        "pbp_b7_health_prof.txt": found,
        "pbp_Section_D.txt": found,
        "pbp_Section_C_OON.txt": [dict(row) for row in outside],
        "pbp_Section_C_POS.txt": [dict(row) for row in service],
        "PlanArea.txt": [dict(row) for row in areas] or everywhere,
    }


def written(rows: Iterable[Cells], columns: Iterable[str]) -> str:
    """Write a table; `pbp_a_plan_type` may stand twice, as in the official file."""
    names = [*KEY, "version", *columns]
    lines = ["\t".join(names), *("\t".join(row.get(name, "") for name in names) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines)


def benefit_zip(folder: Path, made: Tables, **texts: str | bytes) -> Path:
    """Write the zip; `texts` replace whole tables, by name without its ending."""
    path = folder / "pbp-benefits-2027.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, columns in _COLUMNS.items():
            text = texts.get(name.removesuffix(".txt"), written(made[name], columns))
            content = text.encode("cp1252") if isinstance(text, str) else text
            info = zipfile.ZipInfo(name, DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
        archive.writestr(zipfile.ZipInfo("Readme_PBP_Benefits_2027.txt", DAY), "“CY 2027”".encode())
    return path
