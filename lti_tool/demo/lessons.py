"""What is taught and asked in the courses of the demo: slides, polls, questions and chat lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoPoll:
    """A poll; ``correct`` is the index of the right option of a quiz, ``leaning`` the weight of each option."""

    type: str
    question: str
    options: tuple[str, ...] = ()
    leaning: tuple[int, ...] = ()
    correct: int | None = None
    answers: tuple[str, ...] = ()
    visual: str | None = None


@dataclass(frozen=True)
class Lesson:
    """One week: its title, the pages of its slides, its polls and the questions people ask."""

    title: str
    pages: int
    polls: tuple[DemoPoll, ...]
    questions: tuple[tuple[str, str], ...]


PACE = DemoPoll("ratingScale", "How is the pace today?", ("1", "2", "3", "4", "5"), (1, 2, 9, 6, 2), visual="star")
UNDERSTOOD = DemoPoll("single", "Could you explain this to a friend?", ("Yes", "Almost", "Not yet"), (5, 6, 2))
NEXT = DemoPoll("crowdVote", "What shall we do next week?", ("A case study", "Exercises", "Guest talk"), (4, 3, 5))
_UNCLEAR = ("Nothing", "Notation", "The example", "Variance", "Sources", "Everything after the break", "Context")
ONE_WORD = DemoPoll("open", "One word for what is still unclear?", answers=_UNCLEAR)

_TOOLS = ("Spreadsheets", "Python", "R", "SQL")
TOOLS = DemoPoll("multiple", "Which tools have you used before?", _TOOLS, (9, 5, 3, 4))
_FIRST = ("Delete the rows", "Ask why they are missing", "Fill in the mean")
AGES = DemoPoll("quiz", "A survey has 3 % missing ages. What first?", _FIRST, (3, 8, 4), correct=1)
_ERRORS = ("half as large", "about 0.7 times as large", "no different")
ERROR = DemoPoll("quiz", "Doubling the sample makes the error …", _ERRORS, (7, 6, 1), correct=1)
_LINES = ("The straight one", "The one through every point", "Neither")
LINE = DemoPoll("single", "Which line would you trust?", _LINES, (6, 2, 5))

OLDEST = DemoPoll("single", "Which source is oldest?", ("The letter", "The map", "The census"), (3, 6, 2))
_CAUSES = ("Bread prices", "New ideas", "War debt", "Weather")
CAUSES = DemoPoll("multiple", "Which causes do you find convincing?", _CAUSES, (7, 6, 8, 3))
BUILT = DemoPoll("quiz", "The monument was built …", ("in 1871", "in 1920", "in 1961"), (2, 7, 3), correct=1)

# The end of the term: more questions than fit on one page.
_THANKS = (
    "Merci beaucoup",
    "Спасибо",
    "Ευχαριστώ",
    "شكراً جزيلاً",
    "תודה רבה",
    "谢谢大家",
    "ありがとうございます",
    "감사합니다",
)
THANKS = DemoPoll("open", "How do you say thank you in your language?", answers=_THANKS)
HARDEST = DemoPoll(
    "multiple", "Which weeks were hardest? Choose all that apply", ("Cleaning", "Sampling", "Models"), (3, 7, 5)
)
SCRIPTS = DemoPoll(
    "single",
    "Which caption would you put under the chart?",
    ("数据与图表", "データとグラフ", "데이터와 도표", "البيانات والرسوم"),
    (4, 3, 2, 2),
)
_MEDIANS = ("The mean", "The median", "Both alike")
MEDIAN = DemoPoll("quiz", "Which one does an outlier move more?", _MEDIANS, (9, 2, 1), correct=0)
AGAIN = DemoPoll(
    "ratingScale", "How gladly would you take a second course?", ("1", "2", "3", "4", "5"), (0, 1, 3, 6, 5)
)
CLOSING = (ONE_WORD, NEXT, THANKS, HARDEST, SCRIPTS, MEDIAN, AGAIN, AGES, ERROR, LINE, UNDERSTOOD)

DATA_SCIENCE = (
    Lesson("Why data lie, and when they do not", 14, (TOOLS,), (
        ("Do we need our own laptop for the exercises?", "Yes, or use the machines in the library."),
    )),
    Lesson("Cleaning: the other eighty per cent", 18, (AGES, PACE), (
        ("Is a missing value the same as zero?", "Never. Zero is a measurement; missing is the lack of one."),
        ("Where do I find the sample file?", "In the attachments of this room: week-2-survey.csv."),
    )),
    Lesson("Looking before computing", 21, (UNDERSTOOD, ONE_WORD), (
        ("When is a logarithmic axis fair?", "When ratios matter more than differences, and you say so."),
    )),
    Lesson("Sampling and its surprises", 19, (ERROR, PACE), (
        ("Why the square root?", "Because variances add, and we take the root at the end."),
        ("Will this be in the exam?", "The idea, yes. The proof, no."),
    )),
    Lesson("Group work: three small studies", 9, (NEXT,), (
        ("How long is the report?", "Two pages, with one chart."),
    )),
    Lesson("Correlation, cause and ice cream", 22, (UNDERSTOOD, ONE_WORD), (
        ("Can a correlation of zero hide a cause?", "Yes: think of a curve that goes up and comes down again."),
    )),
    Lesson("A first model", 20, (LINE, PACE), (
        ("How do I know that I overfitted?", "Ask data that the model has not seen."),
    )),
    Lesson("What a model must not decide", 16, CLOSING, (
        ("Who is responsible when a model errs?", "Whoever chose to act on it. We will read two cases."),
    )),
)  # fmt: skip
HISTORY = (
    Lesson("Maps and empires, 1750", 12, (OLDEST,), (
        ("Who drew this map, and for whom?", "A surveyor of a trading company; look at what he left blank."),
    )),
    Lesson("Steam", 12, (PACE,), (
        ("Why did it start there?", "Coal, wages and patents; historians weigh them differently."),
    )),
    Lesson("Revolutions compared", 12, (CAUSES,), (
        ("Is there a good short book?", "The reading list names two under 200 pages."),
    )),
    Lesson("Migration", 12, (ONE_WORD,), (
        ("Are these figures reliable?", "Ships' lists are; the estimates for roads are not."),
    )),
    Lesson("Reading hour", 12, (), (
        ("Is there class next week?", "Yes, as usual."),
    )),
    Lesson("Two letters from the front", 12, (UNDERSTOOD,), (
        ("May we quote private letters?", "With the archive's permission, which we have."),
    )),
    Lesson("Memory and monuments", 12, (NEXT, BUILT), (
        ("Who decides what is kept?", "That is next week's question."),
    )),
)  # fmt: skip

CHAT = (
    "Good morning everyone",
    "Hi all!",
    "I can hear you well",
    "The sound is a bit low on my side",
    "Better now, thanks",
    "Could you share the slides again?",
    "That example helped a lot",
    "+1",
    "Same question here",
    "Is there a recording?",
    "Yes, it is in the course after class",
    "Page 7, second line: is that a typo?",
    "Ha, that chart",
    "Merci, c'est très clair",
    "ありがとうございます",
    "Спасибо, теперь понятно",
    "شكراً جزيلاً",
    "תודה רבה",
    "고맙습니다",
    "Could you repeat the last part?",
    "I was disconnected for a minute",
    "See you next week",
    "Thanks, great class!",
)
REACTIONS = (("Clap", 6), ("Heart", 4), ("Smile", 4), ("Wow", 2), ("Think", 3))
