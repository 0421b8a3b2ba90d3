"""Named limits of the core. A command that goes over one is refused with the limit in the sentence."""

MAX_PARTICIPANTS = 10_000
MAX_CONNECTIONS_PER_PARTICIPANT = 8
MAX_NAME_CHARS = 100
MAX_TITLE_CHARS = 200
MAX_RETENTION_DAYS = 36_500
MAX_ROOMS = 200
MAX_ROOMS_EVER = 5_000
MAX_MESSAGE_CHARS = 4_000
MAX_MESSAGES_SHOWN = 500
"""Messages that views keep; the journal keeps all."""
MAX_POLLS = 500
MAX_QUESTION_CHARS = 500
MAX_OPTIONS = 20
MAX_OPTION_CHARS = 200
MIN_GRACE_MS = 1_000
MAX_GRACE_MS = 600_000
MAX_BREAKOUT_MS = 24 * 3_600_000
MAX_PLANS = 100
MAX_LISTENED = 12
MAX_ROUNDS_KEPT = 200
"""Closed rounds that can be reopened and that count for new partners."""
MAX_PAST_GROUPS = 200
MAX_ROOM_NAME_CHARS = 100
MAX_TASK_CHARS = 4_000
MAX_STEPS = 20
MAX_STEP_CHARS = 200
MAX_MATERIALS = 20
MAX_URL_CHARS = 2_000
MAX_CAPACITY = 10_000
MAX_COUNTDOWN_MS = 600_000
MAX_WORKS = 1_000
MAX_WORK_CHARS = 10_000
MAX_HELP_CHARS = 500
MAX_OBJECTION_CHARS = 2_000
MAX_OBJECTIONS = 20
"""Of one person."""
MAX_SESSION_MS = 24 * 3_600_000
MAX_SPEAKERS_SUMMED = 1_000
"""People in one event about speech."""
MAX_AGENDA_STEPS = 100
MIN_AGENDA_MS = 1_000
MAX_AGENDA_MS = 24 * 3_600_000
"""Of one step."""
MAX_NOTES_CHARS = 4_000
REPAIR_DELAY_MS = 15_000
"""How long somebody is alone before they are moved: whoever dropped out may be back sooner."""
MAX_SCALE_STEPS = 100
MAX_SCALE_VALUE = 1_000_000
MAX_ANSWER_CHARS = 1_000
MAX_WORDS = 10
"""Words of one person in a word cloud."""
MAX_WORD_CHARS = 50
MAX_WORDS_SHOWN = 200
MAX_BOARD_QUESTIONS = 1_000
MAX_OPEN_QUESTIONS_EACH = 20
"""Of one person, on the question board."""
MIN_ANONYMOUS_BALLOTS = 3
"""Fewer anonymous ballots of one room are not shown apart: it would be known whose they are."""
