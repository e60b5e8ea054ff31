"""The people of the demo. All made up; their addresses end in ``.example``, which nobody can own."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any


@dataclass(frozen=True)
class DemoPerson:
    """A person of the catalogue, with the habits that their events show (0 to 1 where a share)."""

    id: str
    first_name: str
    last_name: str
    email: str
    title: str
    company: str
    industry: str
    country: str
    role: str
    diligence: float
    attention: float
    chattiness: float
    camera: bool
    device: str
    operating_system: str
    browser: str

    def catalog(self) -> dict[str, Any]:
        """As the catalogue file names a person."""
        return {
            "id": self.id,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "email": self.email,
            "title": self.title,
            "company": self.company,
            "industry": self.industry,
            "country": self.country,
            "role": self.role,
        }

    @property
    def context(self) -> dict[str, str]:
        """What a client tells about itself on its first event."""
        return {
            "country": self.country,
            "device": self.device,
            "operatingSystem": self.operating_system,
            "browser": self.browser,
        }


# (id, first name, last name, name in the address, country)
_TEACHERS = (
    ("t-marchand", "Élodie", "Marchand", "elodie.marchand", "FR"),
    ("t-pappas", "Νίκος", "Παππάς", "nikos.pappas", "GR"),
    ("t-okafor", "Adaeze", "Okafor", "adaeze.okafor", "GB"),
    ("ta-lindqvist", "Björn", "Lindqvist", "bjorn.lindqvist", "SE"),
)
_STUDENTS = (
    ("Anaïs", "Lefèvre", "anais.lefevre", "FR"),
    ("Łukasz", "Wójcik", "lukasz.wojcik", "PL"),
    ("Дарья", "Орлова", "darya.orlova", "BG"),
    ("Ελένη", "Δημητρίου", "eleni.dimitriou", "GR"),
    ("ليلى", "الحداد", "layla.alhaddad", "JO"),
    ("נועה", "ברק", "noa.barak", "IL"),
    ("思雨", "李", "li.siyu", "CN"),
    ("陽菜", "中村", "haruna.nakamura", "JP"),
    ("서연", "한", "seoyeon.han", "KR"),
    ("Tomás", "Ibáñez", "tomas.ibanez", "ES"),
    ("Márta", "Szőke", "marta.szoke", "HU"),
    ("Grace", "Achieng", "grace.achieng", "KE"),
    ("Oliver", "Hartwell", "oliver.hartwell", "GB"),
    ("Priya", "Raman", "priya.raman", "IN"),
    ("José", "Albuquerque", "jose.albuquerque", "BR"),
    ("Zoë", "van der Linden", "zoe.vanderlinden", "NL"),
    ("Jürgen", "Großmann", "jurgen.grossmann", "DE"),
    ("Şule", "Çetin", "sule.cetin", "TR"),
    ("Milan", "Đorđević", "milan.djordjevic", "RS"),
    ("Ingrid", "Sørensen", "ingrid.sorensen", "NO"),
    ("Пётр", "Савченко", "petr.savchenko", "KZ"),
    ("Олена", "Шевчук", "olena.shevchuk", "UA"),
    ("Γιώργος", "Αντωνίου", "giorgos.antoniou", "CY"),
    ("يوسف", "المنصوري", "youssef.almansouri", "MA"),
    ("איתי", "שגב", "itay.segev", "IL"),
    ("浩然", "王", "wang.haoran", "SG"),
    ("美玲", "陳", "chen.meiling", "TW"),
    ("蓮", "佐藤", "ren.sato", "JP"),
    ("민준", "오", "minjun.oh", "KR"),
    ("Renée", "Dubois", "renee.dubois", "BE"),
    ("Siobhán", "O’Malley", "siobhan.omalley", "IE"),
    ("Matteo", "D’Angelo", "matteo.dangelo", "IT"),
    ("Chloe", "Bennett", "chloe.bennett", "US"),
    ("Marcus", "Whitfield", "marcus.whitfield", "US"),
    ("Thảo", "Nguyễn", "thao.nguyen", "VN"),
    ("Kwame", "Boateng", "kwame.boateng", "GH"),
    ("Amina", "Yusuf", "amina.yusuf", "NG"),
    ("Camila", "Rojas", "camila.rojas", "CL"),
    ("Andrés", "Peña", "andres.pena", "MX"),
    ("Jānis", "Bērziņš", "janis.berzins", "LV"),
    ("Aoife", "Brennan", "aoife.brennan", "IE"),
    ("Иван", "Тодоров", "ivan.todorov", "BG"),
    ("سارة", "القحطاني", "sara.alqahtani", "SA"),
    ("あおい", "中野", "aoi.nakano", "JP"),
    ("지우", "박", "jiwoo.park", "KR"),
    ("Hannah", "Fischer", "hannah.fischer", "AT"),
    ("Petra", "Novotná", "petra.novotna", "CZ"),
    ("Aino", "Räty", "aino.raty", "FI"),
    ("Duarte", "Figueiró", "duarte.figueiro", "PT"),
    ("Leilani", "Kahale", "leilani.kahale", "US"),
    ("Arjun", "Mehta", "arjun.mehta", "IN"),
    ("Fatoumata", "Diallo", "fatoumata.diallo", "SN"),
    ("Emre", "Yıldız", "emre.yildiz", "TR"),
    ("Κατερίνα", "Λάσκαρη", "katerina.laskari", "GR"),
    ("Ruth", "Abernathy", "ruth.abernathy", "CA"),
    ("Theodore", "Featherstonehaugh-Montgomery", "theo.featherstonehaugh", "AU"),
)
_COLLEGE = (
    ("c-ferris", "Dana", "Ferris", "dana.ferris", "US"),
    ("c-001", "Owen", "Castellanos", "owen.castellanos", "US"),
    ("c-002", "Mia", "Trần", "mia.tran", "US"),
    ("c-003", "Elijah", "Brooks", "elijah.brooks", "US"),
    ("c-004", "Sofía", "Montes", "sofia.montes", "MX"),
    ("c-005", "Harper", "Lindgren", "harper.lindgren", "CA"),
)
_EMPLOYERS = (
    ("Harbour & Fell", "Logistics"),
    ("Blue Heron Clinic", "Health care"),
    ("Kestrel Robotics", "Manufacturing"),
    ("Orchard Row Savings", "Finance"),
    ("Lanternlight Studios", "Media"),
    ("Tidewater Energy", "Energy"),
    ("City of Eastmere", "Public sector"),
    ("Demo University", "Education"),
    ("Demo University", "Education"),
)
_CLIENTS = (
    ("Computer", "Windows", "Chrome"),
    ("Computer", "Windows", "Edge"),
    ("Computer", "macOS", "Safari"),
    ("Computer", "macOS", "Chrome"),
    ("Computer", "Linux", "Firefox"),
    ("Mobile", "Android", "Chrome"),
    ("Mobile", "iOS", "Safari"),
    ("Tablet", "iPadOS", "Safari"),
)


def _person(row: tuple[str, str, str, str, str], *, domain: str, school: str, teacher: bool) -> DemoPerson:
    id, first, last, handle, country = row
    rng = Random(f"person {id}")
    company, industry = (school, "Education") if teacher else rng.choice(_EMPLOYERS)
    device, system, browser = _CLIENTS[0] if teacher else rng.choice(_CLIENTS)
    assistant = id.startswith("ta-")
    return DemoPerson(
        id=id,
        first_name=first,
        last_name=last,
        email=f"{handle}@{domain}",
        title=("Teaching assistant" if assistant else "Lecturer") if teacher else "Student",
        company=company.replace("Demo University", school),
        industry=industry,
        country=country,
        role=("moderator" if assistant else "host") if teacher else "viewer",
        diligence=1.0 if teacher else rng.choice((0.97, 0.93, 0.9, 0.85, 0.8, 0.7, 0.5, 0.25)),
        attention=0.97 if teacher else rng.betavariate(5, 2),
        chattiness=rng.betavariate(1.3, 3),
        camera=teacher or rng.random() < 0.25,
        device=device,
        operating_system=system,
        browser=browser,
    )


TEACHERS = tuple(
    _person(row, domain="demo-university.example", school="Demo University", teacher=True) for row in _TEACHERS
)
STUDENTS = tuple(
    _person(
        (f"s-{number:03}", *row), domain="students.demo-university.example", school="Demo University", teacher=False
    )
    for number, row in enumerate(_STUDENTS, start=1)
)
COLLEGE = tuple(
    _person(row, domain="demo-college.example", school="Demo College", teacher=row[0] == "c-ferris") for row in _COLLEGE
)
EVERYBODY = {person.id: person for person in (*TEACHERS, *STUDENTS, *COLLEGE)}
