"""Names of invented people, drawn from many places; any likeness is chance."""

import unicodedata
from random import Random

_FIRST_LAST: tuple[tuple[str, str], ...] = (
    ("Amina Chidi Folake Ngozi Tunde Emeka Zainab Kwame Abena Kofi",
     "Okafor Adeyemi Balogun Osei Mensah Eze Danjuma Boateng Nwosu Asante"),
    ("Ingrid Lars Freja Mikkel Signe Astrid Nils Sven Birgit Henrik",
     "Lindqvist Halvorsen Nygård Sørensen Bergström Lund Dahl Øst Ekström Vik"),
    ("Jürgen Anke Lukas Katharina Matthias Sabine Jonas Franziska Tobias Heike",
     "Brandt Köhler Schreiber Vogt Neumann Weiß Albrecht Lehmann Götz Pfeiffer"),
    ("Léa Mathieu Camille Étienne Chloé Julien Aurélie Baptiste Noémie Hugo",
     "Moreau Lefèvre Garnier Dufour Marchand Rousseau Benoît Caron Perrin Gautier"),
    ("Giulia Marco Chiara Matteo Elisa Davide Federica Lorenzo Silvia Paolo",
     "Amari Conti Ferrara Galli Marchetti Rizzo De_Luca Bellini Sartori Villa"),
    ("Lucía Javier Marta Álvaro Carmen Diego Inés Pablo Rocío Sergio",
     "Navarro Ibáñez Ortega Peña Vidal Castaño Soler Muñoz Rey Blanco"),
    ("Beatriz João Inês Tiago Mariana Rui Catarina Gonçalo Leonor Duarte",
     "Carvalho Azevedo Figueiredo Matos Teixeira Nogueira Pinto Serrão Antunes Lobo"),
    ("Agnieszka Piotr Zofia Tomasz Magdalena Krzysztof Ewa Michał Karolina Paweł",
     "Wójcik Kowalczyk Zieliński Mazur Dąbrowska Lis Król Wrona Sikora Baran"),
    ("Priya Arjun Ananya Rohan Kavya Vikram Meera Siddharth Nisha Rahul",
     "Iyer Deshpande Banerjee Nair Kulkarni Menon Chatterjee Reddy Bose Joshi"),
    ("Haruka Takumi Yui Kenji Sakura Daichi Aiko Ren Naomi Shinji",
     "Nakamura Fujimoto Hayashi Okada Shimizu Kondo Matsuda Ueda Ishikawa Morita"),
    ("Wei Mei Jun Xiu Hao Lan Bo Ying Feng Qing",
     "Zhang Lin Chen Zhao Huang Guo Tang Xu Deng Song"),
    ("Nguyet Minh Linh Bao Thuy Duc Hanh Quang Trang Khoa",
     "Tran Pham Vo Dang Bui Ngo Duong Ly Truong Mai"),
    ("Yusuf Elif Mehmet Zeynep Emre Defne Can Selin Kerem Aylin",
     "Yıldız Demir Kaya Şahin Aydın Öztürk Arslan Polat Kurt Aksoy"),
    ("Layla Omar Nour Karim Yasmin Tariq Rania Samir Huda Faisal",
     "Haddad Mansour Farouk Khalil Nasser Saleh Aziz Hamdan Rahman Bitar"),
    ("Siobhán Declan Aoife Cormac Niamh Eoin Gráinne Fergus Maeve Ronan",
     "Byrne Gallagher Doyle Fitzgerald Kavanagh Nolan Quinn Sheehan Tierney Walsh"),
    ("Grace Marcus Hannah Elliot Naomi Reuben Joyce Desmond Olivia Harold",
     "Whitfield Ashworth Caldwell Harding Pemberton Sinclair Thornton Barlow Kerr Lockwood"),
    ("Mariana Thiago Isabela Rafael Valentina Mateo Camila Andrés Renata Joaquín",
     "Oliveira Souza Restrepo Mendoza Herrera Castillo Rojas Quintero Salazar Vargas"),
    ("Eglė Jonas Rūta Mantas Ieva Jānis Liga Mart Kadri Tõnis",
     "Kazlauskas Petrauskas Bērziņš Ozols Tamm Saar Kask Balčiūnas Liepa Mägi"),
)  # fmt: skip


def slug(text: str) -> str:
    """
    Turn a name into the letters of an e-mail address.

    >>> slug("Noémie Weiß-Øst")
    'noemie.weiss-ost'
    """
    table = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ı": "i"})
    plain = unicodedata.normalize("NFKD", text.translate(table))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower().replace(" ", ".")


def people_names(random: Random, count: int) -> list[str]:
    """Draw that many different full names, first and last from the same place in most cases."""
    places = [(first.split(), _lasts(last)) for first, last in _FIRST_LAST]
    names: dict[str, None] = {}
    while len(names) < count:
        firsts, lasts = random.choice(places)
        if random.random() < 0.12:
            lasts = random.choice(places)[1]
        names[f"{random.choice(firsts)} {random.choice(lasts)}"] = None
    return list(names)


def _lasts(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]
