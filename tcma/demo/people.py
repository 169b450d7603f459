"""Who lives in the demo world; all of them are invented."""

from dataclasses import dataclass

from tcma.demo.past import Side
from tcma.permissions import Role

PASSWORD = "what-your-business-stands-on"  # noqa: S105 - printed for everybody, demo data only


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as; `side` is the vendor's or a partner's slug."""

    name: str
    email: str
    role: Role
    side: str
    what: str
    password: str = PASSWORD


VENDOR_PEOPLE = (
    DemoPerson("Vera Amsel", "vera@corbelane.example", Role.VENDOR_MARKETER, "corbelane",
               "vendor marketer: the studio"),
    DemoPerson("Mira Okafor", "mira@corbelane.example", Role.CHANNEL_MANAGER, "corbelane",
               "channel manager: the desk"),
    DemoPerson("Finn Dahl", "finn@corbelane.example", Role.FINANCE, "corbelane",
               "finance: the desk"),
    DemoPerson("Nora Blix", "nora@corbelane.example", Role.FINANCE, "corbelane",
               "finance too: who approves does not pay"),
    DemoPerson("Ada Quist", "ada@corbelane.example", Role.ADMINISTRATOR, "corbelane",
               "vendor administrator"),
)  # fmt: skip

PARTNER_PEOPLE = (
    DemoPerson("Maren Holloway", "maren@fenwright.example", Role.OWNER, "fenwright",
               "partner owner, Fenwright: the console"),
    DemoPerson("Theo Marsh", "theo@fenwright.example", Role.PARTNER_MARKETER, "fenwright",
               "partner marketer, Fenwright"),
    DemoPerson("Sana Iqbal", "sana@fenwright.example", Role.SELLER, "fenwright",
               "seller, Fenwright"),
    DemoPerson("Odalys Pellworth", "odalys@pellworth.example", Role.OWNER, "pellworth",
               "partner owner, Pellworth: no logo yet"),
)  # fmt: skip

OTHER_OWNERS = (
    DemoPerson("Friederike Großkreutz", "friederike@nordhagener.example", Role.OWNER,
               "nordhagener", ""),
    DemoPerson("Noémie Vauquelin", "noemie@helianthe.example", Role.OWNER, "helianthe", ""),
    DemoPerson("Keiran Tuhoe-Marsh", "keiran@antipodean.example", Role.OWNER, "antipodean", ""),
    DemoPerson("Åse Bjørnøy", "ase@taarnfjell.example", Role.OWNER, "taarnfjell", ""),
    DemoPerson("ليان الحوراني", "layan@sindyan.example", Role.OWNER, "sindyan", ""),
    DemoPerson("雲井 あかり", "akari@hinatagumo.example", Role.OWNER, "hinatagumo", ""),
    DemoPerson("Ben Calder", "ben@ridgeline.example", Role.OWNER, "ridgeline", ""),
)  # fmt: skip

PEOPLE = VENDOR_PEOPLE + PARTNER_PEOPLE
"""Those whose sign-in is printed."""

FENWRIGHT = Side("fenwright", "maren", "sana", "Customers, North", "GBP",
                 "Fenwright Cloud Services Ltd", "Pennant Studio Ltd", 20)  # fmt: skip
NORDHAGENER = Side("nordhagener", "friederike", "friederike", "Bestandskunden", "EUR",
                   "Nordhagener Rechenzentrum", "Studio Wattenlicht GmbH", 19)  # fmt: skip
HELIANTHE = Side("helianthe", "noemie", "noemie", "Clients et contacts", "EUR",
                 "Hélianthe & Cœur Infogérance SAS", "Atelier Quai Nord SARL", 20)  # fmt: skip

FIRST = (
    "Tom", "Priya", "Greta", "Owen", "Ines", "Callum", "Farah", "Dylan", "Astrid", "Mei", "Jonas",
    "Leila", "Hugh", "Nadia", "Piotr", "Carys", "Ruben", "Yusra", "Elsie", "Anton",
)  # fmt: skip
LAST = (
    "Ashdown", "Raman", "Lindqvist", "Pryce", "Moreno", "Baird", "Haddad", "Vance", "Holm", "Tan",
    "Weber", "Nazari", "Pemberton", "Kowal", "Zielinski", "Bevan", "Castell", "Osman", "Thorne",
)  # fmt: skip
FIRMS = (
    "Brackwater Joinery", "Holmfirth & Slade", "Ottershaw Pumps", "Calder Vale Dairies",
    "Merrow Street Dental", "Tansley Freight", "Ashgrove Ceramics", "Pennant Tools",
    "Quarry Bank Foods", "Linden Surveyors", "Harrowgate Textiles", "Copper Lane Optics",
    "Silverdale Nurseries",
)  # fmt: skip
FIRST_DE = (
    "Anke",
    "Jürgen",
    "Mehmet",
    "Katrin",
    "Sönke",
    "Birgit",
    "Jonas",
    "Leyla",
    "Uwe",
    "Frauke",
)
LAST_DE = ("Schröder", "Weiß", "Öztürk", "Vogt", "Petersen", "Großmann", "Lüders", "Kaya", "Brandt")
FIRMS_DE = (
    "Müllheimer Federn", "Brücke und Söhne", "Überlandwerk Süd", "Hafenlicht Logistik", "Deichwerk",
    "Torfkanal Möbel", "Grünkern Mühlen", "Sandbank Werften", "Holunder Pharma",
)  # fmt: skip
FIRST_FR = (
    "Maëlle",
    "Bastien",
    "Inès",
    "Loïc",
    "Céline",
    "Yann",
    "Solène",
    "Karim",
    "Odile",
    "Théo",
)
LAST_FR = (
    "Quintin",
    "Lhomme",
    "Garrec",
    "Bénard",
    "Aubrac",
    "Le Goff",
    "Haddad",
    "Prévost",
    "Vidal",
)
FIRMS_FR = (
    "Ateliers du Faubourg", "Verrerie du Canal", "Imprimerie des Quais", "Moulins de Brocéliande",
    "Transports Aubrac", "Cidrerie du Bocage", "Optique des Halles", "Papeteries Saint-Elme",
)  # fmt: skip
