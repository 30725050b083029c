"""Words of the page about training: what the figures of the classifiers are called."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.report.texts import Text

TRAINING: Mapping[str, Text] = {
    "app_training": "Training",
    "app_training_note": (
        "How often classifiers agree with people about pictures of faces (FER2013, with the votes of FER+): mostly "
        "adults, found on the web. That says nothing about what anyone felt, and little about pupils in a lesson."
    ),
    "app_results": "Results",
    "app_results_note": (
        "Validation is PublicTest, on which choices were made; test is PrivateTest, read once. In brackets: 95 % "
        "intervals. Choose a row to see more of it."
    ),
    "app_results_none": "There are no results here",
    "app_results_next": (
        "They are read from the folder training/results, which comes with the program. In a checkout this writes them:"
    ),
    "app_results_no_shipped": "None of these results is of the classifier that ships; its model card is below.",
    "app_result_shipped": "ships with this program",
    "app_result_system": "System",
    "app_result_protocol": "Protocol",
    "app_result_trained_on": "trained on {protocol}",
    "app_result_parameters": "Parameters",
    "app_result_multiply_adds": "Multiply-adds, millions",
    "app_result_epochs": "Epochs (authors’)",
    "app_result_minutes": "Minutes of training",
    "app_result_validation": "Validation",
    "app_result_test": "Test",
    "app_result_authors": "Authors print",
    "app_result_accuracy": "Accuracy",
    "app_result_macro_f1": "Macro-F1",
    "app_result_balanced_accuracy": "Mean recall of the classes",
    "app_result_not_in_training": "Accuracy, pictures that are not in training too",
    "app_result_ece": "Calibration error (ECE)",
    "app_result_recall": "Found of each class (recall)",
    "app_result_trial": "A trial: only the first {count} faces of each split.",
    "app_result_bare": (
        "No confusion matrix, no reliability and no risk-coverage curve were kept of this result. Evaluating it again "
        "writes them:"
    ),
    "app_split_bare": "No confusion matrix, no reliability and no curve were kept of this split.",
    "app_confusion": "Confusion matrix",
    "app_confusion_note": (
        "Rows: the label. Columns: the answer. The stronger the colour, the larger the share of its row."
    ),
    "app_confusion_label": "Label",
    "app_reliability": "Reliability",
    "app_reliability_up": "right, of those with about this probability",
    "app_reliability_note": (
        "Across: the probability that was given; up: how many of those answers were right. On the dashed line both are "
        "the same. The larger a circle, the more faces."
    ),
    "app_curve": "Risk and coverage",
    "app_curve_up": "wrong, of those answered",
    "app_curve_note": (
        "Across: the share of faces that is answered, the surest first; up: how many of the answers are wrong."
    ),
    "app_as_table": "As a table",
    "app_bin": "Probability",
    "app_bin_right": "Right",
    "app_bin_confidence": "Mean probability",
    "app_curve_share": "Answered",
    "app_curve_wrong": "Wrong",
    "app_conditions": "Under conditions of elsewhere",
    "app_conditions_note": (
        "Accuracy of the four groups on {faces} faces of PublicTest that were changed as other cameras would. Seen: as "
        "ten people saw them; meant: by the label of FER2013; clear: the {clear} faces where both are the same."
    ),
    "app_conditions_older": "Measured with another classifier than the one that ships now.",
    "app_condition": "Condition",
    "app_condition_as it is": "as it is",
    "app_condition_blurred": "blurred",
    "app_condition_dim": "dim",
    "app_condition_pale": "pale",
    "app_condition_small": "small",
    "app_condition_compressed": "compressed",
    "app_condition_far": "from farther away",
    "app_condition_near": "from nearer",
    "app_condition_tilted": "tilted",
    "app_condition_hidden": "partly hidden",
    "app_truth_seen": "seen",
    "app_truth_meant": "meant",
    "app_truth_clear": "clear",
    "app_cross": "Cross-validations",
    "app_cross_note": (
        "Trained on some folds of Training, measured on the one left out. The spread is the standard deviation over "
        "runs; the best fold is no result."
    ),
    "app_cross_folds": "Folds × repeats",
    "app_cross_mean": "Mean accuracy",
    "app_cross_spread": "Spread",
    "app_cross_best": "Best fold",
    "app_card": "Model card",
}
