"""Words of the pages of analysing."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.report.texts import Text

ANALYSE: Mapping[str, Text] = {
    "app_analyse": "Analyse",
    "app_analyse_film": "Analyse a film",
    "app_choose_film": "Choose a film",
    "app_folders": "Folders",
    "app_no_film": "No film lies in this folder.",
    "app_no_root": "This page sees no folder yet. Start it with the folder in which the films are:",
    "app_drop": "Drop a film here",
    "app_drop_choose": "or choose a file",
    "app_drop_note": (
        "It is copied beside the database, and deleted when its analysis is finished, when its run is removed, or when "
        "this program ends. Up to {gigabytes} GB."
    ),
    "app_drop_takes": "Taking the film … {percent}",
    "app_drop_large": "This file is larger than {gigabytes} GB. Analyse it from its folder, with --root.",
    "app_runs": "Runs",
    "app_run_queued": "waiting",
    "app_run_running": "running",
    "app_run_paused": "paused",
    "app_run_cancelled": "cancelled",
    "app_run_failed": "failed",
    "app_run_finished": "finished",
    "app_run_pausing": "pausing …",
    "app_run_ending": "ending …",
    "app_run_pause": "Pause",
    "app_run_go-on": "Go on",
    "app_run_cancel": "Cancel",
    "app_run_remove": "Remove",
    "app_run_open": "Open the lesson",
    "app_run_kept": "What was finished is kept.",
    "app_run_waits": "It begins when the run before it has ended.",
    "app_run_done": "{done} of {total}",
    "app_run_left": "about {minutes} min left",
    "app_run_soon": "less than a minute left",
    "app_run_goes_on": "A run goes on when this page is closed, and when the program is.",
    "app_stage_starting": "Starting",
    "app_stage_reading the file": "Reading the film",
    "app_stage_loading the models": "Loading the models",
    "app_stage_loading the detector": "Loading the models",
    "app_stage_faces": "Looking for faces",
    "app_stage_tracks and timeline": "Computing the timeline",
    "app_stage_report": "Making the PDF",
    "app_tasks_file": "File of tasks",
    "app_tasks_none": "none: the whole lesson is one task",
    "app_tasks_typed": "type them here",
    "app_task_add": "Add a task",
    "app_task_start": "Start",
    "app_task_end": "End",
    "app_task_mode": "Mode",
    "app_task_now": "now",
    "app_task_now_start": "Start: the time that the film shows",
    "app_task_now_end": "End: the time that the film shows",
    "app_task_remove": "Remove this task",
    "app_tasks_right": "No mistake",
    "app_regions": "Where nobody is looked for",
    "app_regions_note": (
        "Seats of those who do not take part are blacked out before faces are looked for. Click the corners one after "
        "the other, the first one again to close. Leave some room: people move."
    ),
    "app_regions_draw": "Draw",
    "app_regions_undo": "Remove the last corner",
    "app_regions_clear": "Remove all",
    "app_regions_drawn": "Regions: {count}",
    "app_declare": "What is this done for?",
    "app_declare_note": (
        "It is printed on every report and stored with the lesson. In education and at work in the EU or EEA only the "
        "profile presence runs."
    ),
    "app_country": "Country",
    "app_place": "Who is filmed where",
    "app_undeclared": "not declared",
    "app_dpia": "Impact assessment (reference)",
    "app_profile_research": "research: numbers per face are kept until they expire",
    "app_profile_teacher": "teacher: numbers per face are deleted when the class values exist",
    "app_profile_presence": "presence: faces and minutes are counted, nothing is inferred",
    "app_start": "Start",
}
