"""업종: the exchange's industries by market, as its index codes number them, with words to invent names from.

Codes and Korean names are those of KRX's industry indices; which of them a simulated stock belongs to is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sector:
    """One industry: index code, Korean name, the word in names of its invented companies, the same in English."""

    code: str
    name: str
    word: str
    word_en: str


KOSPI: tuple[Sector, ...] = (
    Sector("0013", "전기·전자", "전자", "Electronics"),
    Sector("0008", "화학", "화학", "Chemical"),
    Sector("0021", "금융", "금융", "Financial"),
    Sector("0015", "운송장비·부품", "모빌리티", "Mobility"),
    Sector("0012", "기계·장비", "기계", "Machinery"),
    Sector("0016", "유통", "유통", "Trading"),
    Sector("0009", "제약", "제약", "Pharma"),
    Sector("0011", "금속", "금속", "Metal"),
    Sector("0026", "일반서비스", "서비스", "Service"),
    Sector("0005", "음식료·담배", "식품", "Foods"),
    Sector("0018", "건설", "건설", "Construction"),
    Sector("0030", "IT 서비스", "소프트", "Software"),
    Sector("0006", "섬유·의류", "섬유", "Textile"),
    Sector("0019", "운송·창고", "물류", "Logistics"),
    Sector("0024", "증권", "증권", "Securities"),
    Sector("0010", "비금속", "소재", "Materials"),
    Sector("0007", "종이·목재", "제지", "Paper"),
    Sector("0025", "보험", "보험", "Insurance"),
    Sector("0017", "전기·가스", "에너지", "Energy"),
    Sector("0029", "부동산", "리츠", "REIT"),
    Sector("0014", "의료·정밀기기", "메디칼", "Medical"),
    Sector("0031", "오락·문화", "엔터", "Entertainment"),
    Sector("0020", "통신", "통신", "Telecom"),
)
KOSDAQ: tuple[Sector, ...] = (
    Sector("1028", "전기·전자", "반도체", "Semicon"),
    Sector("1027", "기계·장비", "시스템", "Systems"),
    Sector("1033", "IT 서비스", "데이터", "Data"),
    Sector("1024", "제약", "바이오", "Bio"),
    Sector("1029", "의료·정밀기기", "헬스케어", "Healthcare"),
    Sector("1023", "화학", "케미칼", "Chemtech"),
    Sector("1006", "일반서비스", "솔루션", "Solution"),
    Sector("1014", "금융", "캐피탈", "Capital"),
    Sector("1011", "유통", "커머스", "Commerce"),
    Sector("1026", "금속", "메탈", "Metaltech"),
    Sector("1030", "운송장비·부품", "오토", "Auto"),
    Sector("1015", "오락·문화", "콘텐츠", "Contents"),
    Sector("1019", "음식료·담배", "푸드", "Food"),
    Sector("1032", "통신", "네트웍스", "Networks"),
    Sector("1010", "건설", "이엔씨", "E&C"),
    Sector("1031", "기타제조", "산업", "Industries"),
    Sector("1025", "비금속", "세라믹", "Ceramics"),
    Sector("1022", "출판·매체복제", "미디어", "Media"),
    Sector("1020", "섬유·의류", "어패럴", "Apparel"),
    Sector("1021", "종이·목재", "페이퍼", "Paperworks"),
    Sector("1013", "운송·창고", "로지스", "Logis"),
)
BY_MARKET: dict[str, tuple[Sector, ...]] = {"KOSPI": KOSPI, "KOSDAQ": KOSDAQ}
ALL: tuple[Sector, ...] = KOSPI + KOSDAQ

INVENTED: tuple[tuple[str, str], ...] = (
    ("모의", "Mock"),
    ("가상", "Virtual"),
    ("예제", "Example"),
    ("견본", "Specimen"),
    ("연습", "Practice"),
    ("가정", "Assumed"),
    ("시험", "Trial"),
    ("표본", "Sample"),
)
"""First words of names: each says that the company does not exist."""
