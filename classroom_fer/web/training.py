"""The page about training: results, one of them closely, conditions of elsewhere, the model card."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from classroom_fer.web.model_card import model_card
from classroom_fer.web.pages import page, words
from classroom_fer.web.result_plots import conditions_plot, result_plots, shipped_conditions
from classroom_fer.web.results import conditions_view, cross_rows, read_results, result_rows, result_view


def training_page(request: Request) -> Response:
    """All results, and the one that the address names; without a name the shipped classifier's."""
    say, results = words(request), read_results()
    name = request.path_params.get("name") or results.first
    chosen = result_view(name, results, say) if name else None
    conditions = shipped_conditions(results)
    plots = result_plots(results.runs[name], say) if name else {}
    if conditions:
        plots["conditions"] = conditions_plot(conditions, say)
    return page(
        request, "training.html.j2", rows=result_rows(results, say), chosen=chosen, plots=plots,
        some_shipped=any(map(results.is_shipped, results.runs.values())), cross=cross_rows(results, say),
        conditions=conditions_view(conditions, results, say) if conditions else None, card=model_card(),
    )  # fmt: skip
