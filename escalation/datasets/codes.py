"""Controlled terms: CDISC's lists by their NCI codes where they have the answer, and lists of this program's own."""

from .definition import CodeList

NY = CodeList("NY", "C66742", {"N": "No", "Y": "Yes", "U": "Unknown", "NA": "Not applicable"})
YES = CodeList("Y", "C66742", {"Y": "Yes"})
AGEU = CodeList("AGEU", "C66781", {"YEARS": "Years"}, extensible=True)
SEX = CodeList("SEX", "C66731", {"F": "Female", "M": "Male", "U": "Unknown", "UNDIFFERENTIATED": "Undifferentiated"})
RACE = CodeList("RACE", "C74457", {}, extensible=True)
ETHNIC = CodeList("ETHNIC", "C66790", {}, extensible=True)
ARMNULRS = CodeList(
    "ARMNULRS",
    "C142179",
    {
        "SCREEN FAILURE": "Failed screening",
        "NOT ASSIGNED": "Screened and given no dose level",
        "ASSIGNED, NOT TREATED": "Enrolled at a dose level; no first dose is recorded",
    },
    extensible=True,
)
NULLFLAVOR = CodeList("NULLFLAVOR", None, {"UNK": "Unknown"})
TSPARMCD = CodeList(
    "TSPARMCD",
    "C66738",
    {
        "TITLE": "Trial Title",
        "INDIC": "Trial Disease/Condition Indication",
        "REGID": "Registry Identifier",
        "TPHASE": "Trial Phase Classification",
        "TBLIND": "Trial Blinding Schema",
        "RANDOM": "Trial is Randomized",
        "DCUTDTC": "Data Cutoff Date",
        "DCUTDESC": "Data Cutoff Description",
        "TRT": "Investigational Therapy or Treatment",
        "NARMS": "Planned Number of Arms",
        "ILLUSTR": "Doses and Settings are Illustrative",
        "SIMULATE": "Data are Simulated",
        "DATANOTE": "Note on the Data",
        "PROTVER": "Protocol Version in Force",
        "STARTLEV": "Start Dose Level",
        "RULE": "Variant of the 3+3 Rule",
        "RULEAB": "Parameters of the A+B Rule",
        "LEVDOSE": "Dose of One Drug at One Dose Level",
        "CYCLEN": "Length of a Cycle",
        "DLTWIN": "Length of the DLT Window",
        "DLTDOSE": "Least Share of Planned Dose if Evaluable",
        "DLTCRIT": "DLT Criteria in Use",
        "CTCAE": "CTCAE Version",
        "TEAEEND": "Treatment-Emergent after Last Dose",
        "RESPCRIT": "Response Criteria",
        "RESPDEN": "Denominator of Response Rates",
    },
    extensible=True,
)
