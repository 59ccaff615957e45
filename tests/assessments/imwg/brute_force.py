"""A second, slow reading of docs/domain.md, section 7, for one assessment: below a limit it simply tries values.

Written from the page and not from the program, for numbers alone; a value "<5" is tried as 0, as almost 5 and as what
lies on and beside each bound. PD must come out of every trial, and the category is the weakest of all trials. What is a
rule of baseline alone (measurable, the chain in excess) must hold for every value by itself. The one exception of the
page: M-protein that electrophoresis does not see counts as gone for a response, though not for a rise.
"""

from collections.abc import Iterator
from fractions import Fraction as F
from itertools import pairwise, product
from typing import Any

ORDER = ["sCR", "CR", "VGPR", "PR", "MR", "SD", "NE"]
EPS = F(1, 10**9)
BOUNDS = [F(n) for n in ("0.05", "0.25", "0.5", "1", "2", "5", "10", "50", "100", "200")]
UNSEEN = {"serum_m": F("0.5"), "urine_m": F(100)}
Visit = dict[str, Any]


def below(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("<")


def limit(value: str) -> F:
    return F(value[1:])


def tried(value: Any) -> list[Any]:
    if not below(value):
        return [F(value) if isinstance(value, int | str) and not isinstance(value, bool) and _number(value) else value]
    top = limit(value)
    return [F(0), EPS, top / 2, top - EPS, *(v for b in BOUNDS for v in (b - EPS, b) if v < top - EPS)]


def _number(value: Any) -> bool:
    return isinstance(value, int) or value.replace(".", "", 1).isdigit()


def trials(course: list[Visit]) -> Iterator[list[Visit]]:
    """The course with each value below a limit tried."""
    names = [(place, name) for place, visit in enumerate(course) for name in visit]
    for chosen in product(*(tried(course[place][name]) for place, name in names)):
        found: list[Visit] = [{} for _ in course]
        for (place, name), value in zip(names, chosen, strict=True):
            found[place][name] = value
        yield found


def category(course: list[Visit]) -> str:
    """Of the last visit; the first is baseline."""
    measurable = set.intersection(*(_measurable(one[0]) for one in trials([course[0]])))
    chains = _chains(course)
    hidden = {name: below(course[-1].get(name)) and limit(course[-1][name]) <= UNSEEN[name] for name in UNSEEN}
    every = list(trials(course))
    if all(_progressed(one, measurable, chains) for one in every):
        return "PD"
    return max((_category(one, measurable, chains, hidden) for one in every), key=ORDER.index)


def _ratio(visit: Visit) -> str:
    if visit.get("ratio") is not None:
        return "kappa" if visit["ratio"] > F("1.65") else "lambda" if visit["ratio"] < F("0.26") else "normal"
    kappa, lambda_ = visit.get("kappa"), visit.get("lambda")
    if kappa is None or lambda_ is None or kappa == lambda_ == 0:
        return "unknown"
    return "kappa" if kappa > F("1.65") * lambda_ else "lambda" if kappa < F("0.26") * lambda_ else "normal"


def _sure_ratio(visit: Visit) -> str:
    found = {_ratio(one[0]) for one in trials([visit])}
    return found.pop() if len(found) == 1 else "unknown"


def _chains(course: list[Visit]) -> str | None:
    """The first chain that an abnormal ratio shows in excess."""
    return next((found for visit in course if (found := _sure_ratio(visit)) in ("kappa", "lambda")), None)


def _measurable(base: Visit) -> set[str]:
    found = {name for name, least in (("serum_m", 1), ("urine_m", 200)) if (base.get(name) or 0) >= least}
    chain = _ratio(base)
    if chain in ("kappa", "lambda") and (base.get(chain) or 0) >= 100:
        found.add("dflc")
    if (base.get("marrow_pc") or 0) >= 30:
        found.add("marrow_pc")
    return found


def _of(visit: Visit, name: str, chain: str | None) -> F | None:
    if name != "dflc":
        return visit.get(name)
    if chain is None or visit.get("kappa") is None or visit.get("lambda") is None:
        return None
    other = "lambda" if chain == "kappa" else "kappa"
    return max(visit[chain] - visit[other], F(0))


def _nadir(course: list[Visit], name: str, chain: str | None) -> F | None:
    before = [v for visit in course[1:-1] if (v := _of(visit, name, chain)) is not None]
    base = _of(course[0], name, chain)
    if name in ("marrow_pc", "spd", "longest_diameter"):
        low = before
    else:
        low = [max(pair) for pair in pairwise(before)]
    return min([*low, *([] if base is None else [base])], default=None)


def _carried(course: list[Visit], name: str) -> Any:
    return next((v for visit in reversed(course[1:]) if (v := visit.get(name)) is not None), None)


def _progressed(course: list[Visit], measurable: set[str], chain: str | None) -> bool:
    now = course[-1]
    protein, chains = bool(measurable & {"serum_m", "urine_m"}), "dflc" in measurable

    def rose(name: str, by: F, strictly: bool = False) -> bool:
        value, low = _of(now, name, chain), _nadir(course, name, chain)
        if value is None or low is None:
            return False
        rise = value - low
        if name == "serum_m" and low >= 5:
            return rise >= 1
        return rise * 4 >= low and (rise > by if strictly else rise >= by)

    def larger(name: str, share: F) -> bool:
        value, low = _carried(course, name), _nadir(course, name, chain)
        return value is not None and low is not None and value > low and value - low >= share * low

    if _carried(course, "new_lesion") or rose("serum_m", F("0.5")) or rose("urine_m", F(200)):
        return True
    if not protein and rose("dflc", F(100), True):
        return True
    if not protein and not chains and rose("marrow_pc", F(10)):
        return True
    if larger("spd", F(1, 2)):
        one = next((v for visit in reversed(course) if (v := visit.get("lesions")) is not None), None) == 1
        return not one or _nadir(course, "spd", chain) == 0 or larger("spd", F(5, 4))
    return False


def _category(course: list[Visit], measurable: set[str], chain: str | None, hidden: dict[str, bool]) -> str:
    base, now = course[0], dict(course[-1])
    for name, unseen in hidden.items():
        if unseen:
            now[name] = F(0)
    if all(value is None for value in now.values()) or not measurable:
        return "NE"

    def fall(name: str) -> F | None:
        value, was = _of(now, name, chain), _of(base, name, chain)
        if name == "marrow_pc":
            value = _marrow(course).get(name)
        return None if value is None or not was else 1 - value / was

    protein = measurable & {"serum_m", "urine_m"}
    decides = protein or ({"dflc"} & measurable) or {"marrow_pc"}
    if any(fall(name) is None for name in decides):
        return "NE"
    if decides == {"marrow_pc"} and now.get("marrow_pc") is None:
        lows = [visit["marrow_pc"] for visit in course[:-1] if visit.get("marrow_pc") is not None]
        stands = _marrow(course)["marrow_pc"]
        if stands - min(lows) >= 10 and (stands - min(lows)) * 4 >= min(lows):
            return "NE"
    spd = _carried([*course[:-1], now], "spd")
    if _lesions(base) and not (spd == 0 or (spd is not None and base.get("spd") and spd * 2 <= base["spd"])):
        return "SD"
    complete = _complete([*course[:-1], now], decides, spd)
    found = []
    if protein:
        found.append(_by_protein(now, fall, protein))
    elif decides == {"dflc"}:
        gone = fall("dflc")
        found.append("sCR" if complete or gone >= F(9, 10) else "PR" if gone >= F(1, 2) else "SD")
    else:
        found.append("SD" if fall("marrow_pc") < F(1, 2) else "sCR" if complete else "PR")
    if not complete:
        found.append("VGPR")
    elif _ratio(now) != "normal" or _marrow(course).get("marrow_clonal") is not False:
        found.append("CR")
    return max(found, key=ORDER.index)


def _by_protein(now: Visit, fall: Any, protein: set[str]) -> str:
    serum, urine = now.get("serum_m"), now.get("urine_m")
    deep = serum is not None and (serum == 0 or (fall("serum_m") or 0) >= F(9, 10)) and urine is not None
    if deep and urine < 100 and ("urine_m" not in protein or urine < 200):
        return "sCR"
    partial = [
        *([fall("serum_m") >= F(1, 2)] if "serum_m" in protein else []),
        *([fall("urine_m") >= F(9, 10) or urine < 200] if "urine_m" in protein else []),
    ]
    if all(partial):
        return "PR"
    minimal = [
        *([fall("serum_m") >= F(1, 4)] if "serum_m" in protein else []),
        *([fall("urine_m") >= F(1, 2) or urine < 200] if "urine_m" in protein else []),
    ]
    return "MR" if all(minimal) else "SD"


def _lesions(base: Visit) -> bool:
    return bool(base.get("spd") or base.get("lesions"))


def _marrow(course: list[Visit]) -> Visit:
    """The last one after baseline that was looked at: percentage and clonality are of one marrow."""
    looked = (v for v in reversed(course[1:]) if v.get("marrow_pc") is not None or v.get("marrow_clonal") is not None)
    return next(looked, {})


def _complete(course: list[Visit], decides: set[str], spd: F | None) -> bool:
    now = course[-1]
    cells = _marrow(course).get("marrow_pc")
    return (
        now.get("ife_serum") == now.get("ife_urine") == "negative"
        and not now.get("serum_m")
        and not now.get("urine_m")
        and not spd
        and (spd is not None or not _lesions(course[0]))
        and not (spd is None and any(visit.get("lesions") for visit in course[1:]))
        and cells is not None
        and cells < 5
        and (decides != {"dflc"} or _ratio(now) == "normal")
    )
