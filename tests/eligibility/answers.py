"""Answers of payers who do not exist about people who do not exist, small enough to see what each one says."""

import json
from typing import Any

ISA = "ISA*00*          *00*          *ZZ*PAYERID        *ZZ*CLINICID       *260301*0900*^*00501*000000001*0*P*:~"
# Everything here that tells who somebody is; none of it may be shown anywhere.
WHO = (
    "QUILLFEATHER",
    "ROSALIND",
    "ZQ4455667788",
    "17 LARKSPUR CRESCENT",
    "WINTERBOURNE",
    "97999",
    "19840229",
    "GRP777333",
)
NAMED = (
    "NM1*IL*1*QUILLFEATHER*ROSALIND****MI*ZQ4455667788~"
    "N3*17 LARKSPUR CRESCENT~N4*WINTERBOURNE*OR*97999~DMG*D8*19840229*F~REF*6P*GRP777333~"
)


def answer(*benefits: str, person: str = NAMED, before: str = "", level: str = "22") -> str:
    """Return a 271 with these segments about one person."""
    dependent = f"{person}HL*4*3*23*0~{NAMED}" if level == "23" else person
    body = (
        "ST*271*0001*005010X279A1~BHT*0022*11*REF47*20260301*0900~HL*1**20*1~NM1*PR*2*EVERGREEN MUTUAL*****PI*99999~"
        f"HL*2*1*21*1~NM1*1P*2*RIVERSIDE THERAPY*****XX*1999999999~HL*3*2*22*0~TRN*2*TRACE55*9877281234~{dependent}"
        f"{before}{''.join(f'{benefit}~' for benefit in benefits)}"
    )
    count = body.count("~") + 1
    return f"{ISA}GS*HB*PAYERID*CLINICID*20260301*0900*1*X*005010X279A1~{body}SE*{count}*0001~GE*1*1~IEA*1*000000001~"


# A plan with everything that therapy needs, as the standard writes it.
PLAIN = answer(
    "EB*1*IND*30**EVERGREEN PPO 1500",
    "DTP*291*RD8*20260101-20261231",
    "EB*C*IND*30***23*1500.00*****Y",
    "EB*C*IND*30***29*1189.45*****Y",
    "EB*C*FAM*30***23*3000*****Y",
    "EB*C*FAM*30***29*2600*****Y",
    "EB*G*IND*30***23*6000*****Y",
    "EB*G*IND*30***29*5500.55*****Y",
    "EB*B*IND*PT***27*40*****Y",
    "MSG*COPAY - DEDUCTIBLE WAIVED",
    "EB*A*IND*PT*****.4****N",
    "EB*F*IND*PT***23***VS*30*Y*Y",
    "MSG*PT/OT/ST COMBINED",
    "EB*F*IND*PT***29***VS*22*Y*Y",
    "MSG*PT/OT/ST COMBINED",
    "EB*F*IND*AD***23***VS*30*Y*Y",
    "MSG*PT/OT/ST COMBINED",
    "EB*F*IND*AD***29***VS*22*Y*Y",
    "MSG*PT/OT/ST COMBINED",
    "EB*I*IND*********N*Y*HC:20560",
)


def concept(code: str) -> dict[str, Any]:
    """Return a concept of FHIR with a code."""
    return {"coding": [{"code": code}]}


def fhir(**parts: Any) -> dict[str, Any]:
    """Return a CoverageEligibilityResponse; each part goes in the place of its own."""
    row = {
        "category": concept("PT"),
        "network": concept("in"),
        "unit": concept("individual"),
        "term": concept("annual"),
        "authorizationRequired": True,
        "benefit": [
            {"type": concept("visit"), "allowedUnsignedInt": 30, "usedUnsignedInt": 8},
            {"type": concept("copay"), "allowedMoney": {"value": 40, "currency": "USD"}},
            {
                "type": concept("deductible"),
                "allowedMoney": {"value": 1500, "currency": "USD"},
                "usedMoney": {"value": 310.55, "currency": "USD"},
            },
        ],
    }
    return {
        "resourceType": "CoverageEligibilityResponse",
        "status": "active",
        "purpose": ["benefits"],
        "patient": {"reference": "Patient/1", "display": "Rosalind Quillfeather"},
        "created": "2026-03-01",
        "request": {"reference": "CoverageEligibilityRequest/1"},
        "outcome": "complete",
        "insurer": {"display": "Evergreen Mutual"},
        "insurance": [{"coverage": {"reference": "Coverage/1"}, "inforce": True, "item": [row]}],
        **parts,
    }


def as_bytes(resource: Any) -> bytes:
    """Return a resource as it is sent."""
    return json.dumps(resource).encode()
