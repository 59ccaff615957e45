"""The questions that criteria ask about an event, in words, by the qualifier that stores the answer."""

QUESTIONS = {
    "bleeding": "Clinically significant bleeding",
    "transfusion": "Platelet transfusion given",
    "controlled_within_72h": "Controlled within 72 hours",
    "corrected_within_72h": "Corrected within 72 hours",
    "asymptomatic": "Without symptoms",
    "steroid_related": "Due to the steroid",
    "alt_or_ast_above_3_uln": "ALT or AST above 3 × ULN",
    "bilirubin_above_2_uln": "Bilirubin above 2 × ULN at that time",
    "alp_below_2_uln": "ALP below 2 × ULN at that time",
    "other_cause": "Another cause explains it",
    "due_to_myeloma": "Death clearly due to myeloma",
    "outside_cause": "Death clearly due to an outside cause",
}
