"""The CTCAE lists of v5.0 and v6.0: spelling, classes and grades as the NCI tables have them, and the search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import terms
from assessments.dlt import names


@pytest.mark.parametrize(
    ("term", "soc", "grades"),
    [
        ("Anemia", "Blood and lymphatic system disorders", "12345"),
        ("Febrile neutropenia", "Blood and lymphatic system disorders", "345"),
        ("Neutrophil count decreased", "Investigations", "1234"),
        ("Platelet count decreased", "Investigations", "1234"),
        ("White blood cell decreased", "Investigations", "1234"),
        ("Lymphocyte count decreased", "Investigations", "1234"),
        ("CD4 lymphocytes decreased", "Investigations", "1234"),
        ("Alanine aminotransferase increased", "Investigations", "1234"),
        ("Aspartate aminotransferase increased", "Investigations", "1234"),
        ("Blood bilirubin increased", "Investigations", "1234"),
        ("Creatinine increased", "Investigations", "1234"),
        ("Weight loss", "Investigations", "123"),
        ("Nausea", "Gastrointestinal disorders", "123"),
        ("Vomiting", "Gastrointestinal disorders", "12345"),
        ("Diarrhea", "Gastrointestinal disorders", "12345"),
        ("Fatigue", "General disorders and administration site conditions", "123"),
        ("Death NOS", "General disorders and administration site conditions", "5"),
        ("Hyponatremia", "Metabolism and nutrition disorders", "12345"),
        ("Anorexia", "Metabolism and nutrition disorders", "12345"),
        ("Insomnia", "Psychiatric disorders", "123"),
        ("Sepsis", "Infections and infestations", "345"),
    ],
)
def test_a_term_has_its_class_and_grades(term, soc, grades):
    assert terms.soc(term) == soc
    assert terms.grades(term) == tuple(map(int, grades))


def test_every_term_that_a_dlt_criterion_names_is_in_the_list():
    named = {*names.ELECTROLYTES, *names.GUT, *names.LIVER, names.FEBRILE, names.FATIGUE, names.HYPERGLYCEMIA}

    for version in terms.VERSIONS:
        assert {term for term in named | {*names.SEVEN[version]} if terms.soc(term, version) is None} == set()


def test_every_class_has_its_other_term():
    known = terms.all_terms().values()
    other = {term.soc for term in known if term.term.endswith(" - Other, specify")}

    assert {term.soc for term in known} == other
    # CTCAE itself says "disorder" here and "disorders" in the class
    assert terms.soc("Musculoskeletal and connective tissue disorder - Other, specify") in other


@pytest.mark.parametrize("text", ["platelet count", "COUNT platelet", "  plate   decr "])
def test_words_find_a_term_in_any_order_and_case(text):
    assert "Platelet count decreased" in [term.term for term in terms.find(text)]


def test_a_word_that_is_nowhere_finds_nothing():
    assert terms.find("platelet plague") == []


@pytest.mark.parametrize("version", terms.VERSIONS)
def test_grades_rise_and_are_named_once(version):
    for term in terms.all_terms(version).values():
        assert list(term.grades) == sorted(set(term.grades)), term.term


@pytest.mark.parametrize(
    ("term", "grades"),
    [
        ("Atrial fibrillation", "12345"),
        ("Bloating", "12"),
        ("Bruising", "12"),
        ("Fall", "123"),
        ("Urinary tract infection", "2345"),
        ("Hypophosphatemia", "12345"),
        ("Flushing", "123"),
    ],
)
def test_grades_are_those_of_the_published_table(term, grades):
    assert terms.grades(term) == tuple(map(int, grades))


def test_each_version_has_its_own_terms():
    assert (len(terms.all_terms("5.0")), len(terms.all_terms("6.0"))) == (837, 850)
    assert terms.soc("Platelet count decreased", "6.0") is None
    assert terms.soc("Thrombocytopenia", "5.0") is None
    assert terms.grades("Lymphopenia", "6.0") == (1,)


@pytest.mark.parametrize(
    ("asked", "v5", "v6"),
    [
        ("low platelets", "Platelet count decreased", "Thrombocytopenia"),
        ("thrombocytopenia", "Platelet count decreased", "Thrombocytopenia"),
        ("platelet count decreased", "Platelet count decreased", "Thrombocytopenia"),
        ("ANC", "Neutrophil count decreased", "Neutrophil count decreased"),
        ("neutropenia", "Neutrophil count decreased", "Neutrophil count decreased"),
        ("neutropaenia", "Neutrophil count decreased", "Neutrophil count decreased"),
        ("lymphopenia", "Lymphocyte count decreased", "Lymphopenia"),
        ("ALT", "Alanine aminotransferase increased", "Alanine aminotransferase increased"),
        ("raised ALT", "Alanine aminotransferase increased", "Alanine aminotransferase increased"),
        ("sodium low", "Hyponatremia", "Hyponatremia"),
        ("diarrhoea", "Diarrhea", "Diarrhea"),
        ("anaemia", "Anemia", "Anemia"),
        ("hyponatraemia", "Hyponatremia", "Hyponatremia"),
        ("dic", "Disseminated intravascular coagulation", "Disseminated intravascular coagulation"),
        ("shortness of breath", "Dyspnea", "Dyspnea"),
        ("DVT", "Thromboembolic event", "Venous thromboembolism"),
        ("fever neutropenic", "Febrile neutropenia", "Febrile neutropenia"),
    ],
)
def test_a_term_is_found_by_the_words_that_people_use(asked, v5, v6):
    assert [terms.find(asked, "5.0")[0].term, terms.find(asked, "6.0")[0].term] == [v5, v6]


@given(st.sampled_from(terms.VERSIONS), st.data())
def test_every_term_is_found_by_its_own_words_in_any_order_and_comes_first(version, data):
    term = data.draw(st.sampled_from(sorted(terms.all_terms(version))))
    words = data.draw(st.permutations(term.replace(",", " ").replace("-", " ").split()))

    assert terms.find(" ".join(words).upper(), version)[0].term == term


def test_every_other_name_belongs_to_a_term():
    known = terms.all_terms("5.0").keys() | terms.all_terms("6.0").keys()

    assert set(terms._synonyms()) <= known
