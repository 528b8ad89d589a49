"""An X12 271 (005010X279A1) as payers write it.

Reading order: `segments` (text to segments), `envelope` (whose answer it is), `codes` (what codes mean), `layout`
(which element of an EB is which), `statement` (an EB with what stands under it), `rejection` (an AAA), `transaction`.
"""
