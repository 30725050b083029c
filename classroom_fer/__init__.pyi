from classroom_fer.api import Analysis as Analysis
from classroom_fer.api import ClassroomFerError as ClassroomFerError
from classroom_fer.api import OlderRulesWarning as OlderRulesWarning
from classroom_fer.api import Study as Study
from classroom_fer.api import analyze as analyze
from classroom_fer.api import open as open

__version__: str
