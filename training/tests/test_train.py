import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from glance_training import UserError
from glance_training.losses import Batch, regularise
from glance_training.model import MultiExitEncoder, from_base
from glance_training.second_opinion import second_opinions
from glance_training.tasks.comment_debt import TASK as DEBT
from glance_training.tasks.doc_section import TASK as SECTION
from glance_training.train import (
    CHECKPOINT,
    EXIT0,
    Recipe,
    TrainingSet,
    build_optimiser,
    freeze_for_stage,
    is_regularised,
    load_run,
    plan,
    rate_factor,
    set_gradients,
    step_gradients,
    train,
)

LABELS = {DEBT.id: len(DEBT.labels), SECTION.id: len(SECTION.labels)}
# One pass over the debt rows, two over the sections.
RECIPE = Recipe(layers=2, epochs_factor=1 / 4, batch_size=8, exit0_iterations=1, bfloat16=False, head_lr=0.01, encoder_lr=1e-3)
METHODS = ("romebert", "deebert", "pabee")


@pytest.fixture(scope="module")
def rows(debt_rows, section_rows):
    return {DEBT.id: debt_rows[:40], SECTION.id: section_rows[:28]}


# 40 / 8 steps of one task, 2 * ceil(28 / 8) of the other.
STEPS = 5 + 8


@pytest.fixture(scope="module")
def losses(base):
    """A model in evaluation mode and a function that gives its two losses, in which the exits disagree."""
    torch.manual_seed(1)
    model = from_base(base, LABELS).eval()
    ids = torch.tensor([[101, 60, 61, 102], [101, 62, 102, 0]])
    # The same answer raises one loss and lowers the other, whichever way the random weights point.
    sign = 1

    def compute():
        first, last = model(ids, (ids > 0).long(), DEBT.id)
        return first[:, 0].sum() * 3 - first[:, 1].sum(), sign * (last[:, 1].sum() - last[:, 0].sum())

    earlier, last = (gradients_of(model, compute()[which]) for which in (0, 1))
    sign = -1 if sum((earlier[n] * last[n]).sum() for n in earlier if is_regularised(n, 1)) > 0 else 1
    return model, compute


def used_parameters(model):
    return {n: p for n, p in model.named_parameters() if p.requires_grad and not n.startswith(f"heads.{SECTION.id}")}


def gradients_of(model, loss):
    named = used_parameters(model)
    return dict(zip(named, torch.autograd.grad(loss, list(named.values()), materialize_grads=True, allow_unused=True)))


@pytest.mark.parametrize("give_way", ["last", "earlier"])
def test_projection_reaches_the_gradients_of_the_weights_it_is_meant_for(losses, give_way):
    model, compute = losses
    set_gradients(model, DEBT.id, *compute(), give_way)
    result = {n: p.grad.clone() for n, p in used_parameters(model).items()}
    earlier, last = gradients_of(model, compute()[0]), gradients_of(model, compute()[1])
    chosen = [n for n in result if is_regularised(n, 1)]
    assert sum((earlier[n] * last[n]).sum() for n in chosen) < 0, "the example must hold a conflict"
    projected, reference = (last, earlier) if give_way == "last" else (earlier, last)
    expected = dict(zip(chosen, regularise([projected[n] for n in chosen], [reference[n] for n in chosen])))
    for name, gradient in result.items():
        plain = earlier[name] + last[name]
        assert torch.allclose(gradient, expected.get(name, plain), atol=1e-5), name
    assert any(not torch.allclose(result[n], earlier[n] + last[n], atol=1e-4) for n in chosen)


def test_without_regularisation_gradients_are_those_of_the_sum(losses):
    model, compute = losses
    set_gradients(model, DEBT.id, *compute(), "none")
    for name, gradient in gradients_of(model, sum(compute())).items():
        assert torch.allclose(used_parameters(model)[name].grad, gradient, atol=1e-6), name


@pytest.mark.parametrize("give_way", ["last", "earlier", "none"])
def test_heads_of_other_tasks_get_no_gradient(losses, give_way):
    model, compute = losses
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    set_gradients(model, DEBT.id, *compute(), give_way)
    for name, parameter in model.named_parameters():
        left_alone = name.startswith(f"heads.{SECTION.id}") or "word_embeddings" in name
        assert (parameter.grad is None) == left_alone, name


@pytest.mark.parametrize("method", METHODS)
def test_a_step_moves_the_heads_of_its_own_task_alone(base, method):
    torch.manual_seed(0)
    model = from_base(base, LABELS).train()
    recipe = replace(RECIPE, method=method)
    freeze_for_stage(model, method, 0)
    # AdamW's decay and momentum would move whatever has a gradient, be it zero.
    optimiser = build_optimiser(model, replace(recipe, weight_decay=0.5))
    ids, mask = torch.tensor([[101, 60, 102]]), torch.ones(1, 3, dtype=torch.long)
    for task in (DEBT, SECTION):
        before = {n: p.clone() for n, p in model.named_parameters()}
        holds = torch.zeros(1, len(task.labels), dtype=torch.bool).index_fill(1, torch.tensor([1]), True)
        batch = Batch(holds, torch.ones_like(holds), torch.ones(1), task.multi_label)
        step_gradients(model, task.id, model(ids, mask, task.id), batch, recipe, 0)
        optimiser.step()
        moved = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
        heads = {n for n in moved if n.startswith("heads.")}
        assert heads and all(n.startswith(f"heads.{task.id}.") for n in heads)
        assert "bert.encoder.layer.0.output.dense.weight" in moved


def test_a_task_may_do_without_distillation(base):
    torch.manual_seed(0)
    model = from_base(base, LABELS).eval()
    ids, mask = torch.tensor([[101, 60, 102]]), torch.ones(1, 3, dtype=torch.long)

    def losses_of(task, recipe):
        holds = torch.zeros(1, len(task.labels), dtype=torch.bool).index_fill(1, torch.tensor([1]), True)
        batch = Batch(holds, torch.ones_like(holds), torch.ones(1), task.multi_label)
        return [loss.item() for loss in step_gradients(model, task.id, model(ids, mask, task.id), batch, recipe, 0)]

    distilled, undistilled, without = (replace(RECIPE, undistilled=()), replace(RECIPE, undistilled=(SECTION.id,)), replace(RECIPE, gamma=0.0))
    assert losses_of(SECTION, undistilled) == losses_of(SECTION, without) != losses_of(SECTION, distilled)
    assert losses_of(DEBT, undistilled) == losses_of(DEBT, distilled) != losses_of(DEBT, without)


def test_second_opinions_go_with_their_rows(base, debt_rows):
    chosen = [row for row in debt_rows if len(row.labels) == 1][:40]
    task = replace(DEBT, second_opinion=0.6)
    part = TrainingSet.of(task, chosen, base / "tokenizer.json")
    assert torch.equal(part.opinions, torch.from_numpy(second_opinions(task, chosen)))
    batch = part.batch(np.array([7, 3]))
    assert batch.opinion_share == 0.6 and torch.equal(batch.opinions, part.opinions[[7, 3]]) and torch.equal(batch.holds, part.holds[[7, 3]])
    for unasked in (TrainingSet.of(DEBT, chosen, base / "tokenizer.json"), TrainingSet.of(task, chosen, base / "tokenizer.json", ask=False)):
        assert unasked.batch(slice(None)).opinions is None


def test_what_is_regularised():
    assert is_regularised("bert.encoder.layer.0.attention.self.query.weight", 5)
    for name in (
        "bert.encoder.layer.5.attention.self.query.weight",
        "bert.encoder.layer.0.attention.self.query.bias",
        "bert.encoder.layer.0.output.LayerNorm.weight",
        "bert.embeddings.position_embeddings.weight",
        "poolers.0.weight",
        "heads.comment-debt.0.weight",
    ):
        assert not is_regularised(name, 5), name


def test_poolers_start_from_the_base_and_words_are_frozen(base):
    model = from_base(base, LABELS)
    half = load_file(base / "model.safetensors")["pooler.dense.weight"] / 2
    assert all(torch.equal(exit_pooler.weight, torch.cat([half, half], 1)) for exit_pooler in model.poolers)
    trained = {id(p) for group in build_optimiser(model, RECIPE).param_groups for p in group["params"]}
    assert id(model.bert.embeddings.word_embeddings.weight) not in trained
    assert len(trained) == sum(1 for _ in model.parameters()) - 1


def test_the_first_layers_of_the_base_are_kept(base):
    torch.manual_seed(0)
    whole, first = from_base(base, LABELS), from_base(base, LABELS, layers=1)
    assert first.layers == 1 and whole.layers == 2
    ids = torch.tensor([[101, 60, 61, 102]])
    mask = torch.ones_like(ids)
    assert torch.allclose(whole.eval().pool(ids, mask)[0], first.eval().pool(ids, mask)[0], atol=1e-6)
    with pytest.raises(UserError, match="has 2 layers, not 3"):
        from_base(base, LABELS, layers=3)


def test_an_exit_reads_the_first_token_behind_its_layer_and_the_mean_in_front_of_it(base):
    torch.manual_seed(0)
    model = from_base(base, LABELS).eval()
    ids, mask = torch.tensor([[101, 60, 61, 102], [101, 62, 102, 0]]), torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    states = model.bert(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
    for number, pooled in enumerate(model.pool(ids, mask)):
        means = torch.stack([text[:tokens].mean(0) for text, tokens in zip(states[number], (4, 3))])
        expected = torch.tanh(model.poolers[number](torch.cat([states[number + 1][:, 0], means], 1)))
        assert torch.allclose(pooled, expected, atol=1e-6)


def test_rate_warms_up_and_decays():
    factors = [rate_factor(step, 100, 0.1) for step in range(100)]
    assert factors[0] == pytest.approx(0.1) and max(factors) == 1.0 and factors[-1] == pytest.approx(1 / 90)
    assert factors.index(1.0) == 9 and factors[50:] == sorted(factors[50:], reverse=True)


def test_exits_ignore_padding(losses):
    model, _ = losses
    alone = model(torch.tensor([[101, 62, 102]]), torch.ones(1, 3, dtype=torch.long), SECTION.id)
    padded = model(torch.tensor([[101, 62, 102, 0, 0]]), torch.tensor([[1, 1, 1, 0, 0]]), SECTION.id)
    for one, other in zip(alone, padded):
        assert one.shape == (1, len(SECTION.labels)) and torch.allclose(one, other, atol=1e-5)


@pytest.fixture(scope="module")
def sets(rows, base):
    return [TrainingSet.of(task, rows[task.id], base / "tokenizer.json") for task in (DEBT, SECTION)]


def test_the_plan_takes_every_row_as_often_as_its_task_has_passes(sets):
    steps = plan(sets, replace(RECIPE, epochs_factor=1.0))
    for number, part in enumerate(sets):
        batches = [rows for task, rows in steps if task == number]
        assert all(1 <= len(rows) <= RECIPE.batch_size for rows in batches)
        times = np.bincount(np.concatenate(batches), minlength=len(part.sequences))
        assert times.tolist() == [part.task.epochs] * len(part.sequences)
        # Pass by pass, each in an order of its own.
        of_pass = np.array_split(np.array(batches, dtype=object), part.task.epochs)
        assert all(sorted(np.concatenate(list(one))) == list(range(len(part.sequences))) for one in of_pass)
        assert list(map(list, of_pass[0])) != list(map(list, of_pass[1]))


def test_the_plan_spreads_every_task_evenly(sets):
    numbers = np.array([number for number, _ in plan(sets, replace(RECIPE, epochs_factor=4.0))])
    for number in (0, 1):
        share = (numbers == number).mean()
        counts = np.cumsum(numbers == number) - share * np.arange(1, len(numbers) + 1)
        assert np.abs(counts).max() <= 1


def test_the_plan_follows_the_seed(sets):
    def as_lists(recipe):
        return [(number, rows.tolist()) for number, rows in plan(sets, recipe)]

    assert as_lists(RECIPE) == as_lists(RECIPE)
    assert as_lists(RECIPE) != as_lists(replace(RECIPE, seed=1))
    # Little as it is, a task is passed once.
    assert len(plan(sets, replace(RECIPE, epochs_factor=0.01))) == 5 + 4


def same_weights(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# DeeBERT's stages have STEPS each: stops within the first, at the boundary, and within the second.
@pytest.mark.parametrize("method, stops", [("romebert", (4, 9)), ("pabee", (7,)), ("deebert", (4, STEPS, STEPS + 3)), ("deebert", (STEPS + 6,))])
def test_resumed_training_equals_uninterrupted_training(base, rows, tmp_path, method, stops):
    recipe = replace(RECIPE, method=method)
    train(rows, base, tmp_path / "whole", recipe)
    for stop in (*stops, None):
        train(rows, base, tmp_path / "parts", recipe, stop_after=stop)
    whole, parts = load_run(tmp_path / "whole"), load_run(tmp_path / "parts")
    assert parts.recipe["steps"] == (2 * STEPS if method == "deebert" else STEPS)
    assert same_weights(whole.model.state_dict(), parts.model.state_dict())
    for task in rows:
        assert same_weights(whole.exit0[task].state_dict(), parts.exit0[task].state_dict())
    before = from_base(base, LABELS).bert.encoder.layer[0].output.dense.weight
    assert not torch.equal(before, whole.model.bert.encoder.layer[0].output.dense.weight)


def test_deebert_trains_the_backbone_first_and_then_the_earlier_exits_alone(base, rows, tmp_path):
    recipe = replace(RECIPE, method="deebert")
    torch.manual_seed(recipe.seed)
    start = from_base(base, LABELS, recipe.layers).state_dict()
    train(rows, base, tmp_path, recipe, stop_after=STEPS)
    boundary = torch.load(tmp_path / CHECKPOINT, weights_only=True)["model"]
    train(rows, base, tmp_path, recipe)
    end = load_run(tmp_path).model.state_dict()

    def is_earlier(name):
        return name.startswith(("poolers.0.", *(f"heads.{task}.0." for task in rows)))

    for name in end:
        if "word_embeddings" in name:
            assert torch.equal(start[name], end[name])
        elif is_earlier(name):
            assert torch.equal(start[name], boundary[name]) and not torch.equal(boundary[name], end[name]), name
        else:
            assert torch.equal(boundary[name], end[name]), name
    for name in ("bert.encoder.layer.1.output.dense.weight", "poolers.1.weight", *(f"heads.{task}.1.weight" for task in rows)):
        assert not torch.equal(start[name], boundary[name]), name


def test_stages_freeze_what_they_do_not_train(base):
    model = from_base(base, LABELS)
    for method, stage in (("romebert", 0), ("pabee", 0), ("deebert", 0), ("deebert", 1)):
        freeze_for_stage(model, method, stage)
        trained = {n.rsplit(".", 1)[0] for n, p in model.named_parameters() if p.requires_grad and not n.startswith("bert.")}
        exits = {"romebert": "01", "pabee": "01", "deebert": "10"[stage]}[method]
        assert trained == {f"{part}.{e}" for e in exits for part in ("poolers", *(f"heads.{task}" for task in LABELS))}
        assert model.bert.encoder.layer[0].output.dense.weight.requires_grad == (stage == 0)
        assert not model.bert.embeddings.word_embeddings.weight.requires_grad
        # As a fresh model has them, for the next method.
        for name, parameter in model.named_parameters():
            parameter.requires_grad_("word_embeddings" not in name)


def test_a_checkpoint_of_another_recipe_is_refused(base, rows, tmp_path):
    train(rows, base, tmp_path, RECIPE, stop_after=1)
    with pytest.raises(UserError, match="differs in: method, seed"):
        train(rows, base, tmp_path, replace(RECIPE, seed=5, method="pabee"))


def test_a_checkpoint_of_other_rows_is_refused(base, rows, tmp_path):
    train(rows, base, tmp_path, RECIPE, stop_after=1)
    debt, sections = rows[DEBT.id], rows[SECTION.id]
    relabelled = [*sections[:-1], replace(sections[-1], known=("how",))]
    reworded = [replace(debt[0], text="a list"), *debt[1:]]
    for other, named in (
        ({DEBT.id: debt, SECTION.id: relabelled}, "(doc-section)"),
        ({DEBT.id: reworded, SECTION.id: sections}, "(comment-debt)"),
        ({DEBT.id: debt}, "(doc-section)"),
        ({SECTION.id: sections, DEBT.id: debt}, "(comment-debt, doc-section)"),
    ):
        with pytest.raises(UserError, match=re.escape(f"other tasks or rows {named}")):
            train(other, base, tmp_path, RECIPE, stop_after=2)
    train({DEBT.id: list(debt), SECTION.id: list(sections)}, base, tmp_path, RECIPE, stop_after=2)


def test_a_recipe_that_cannot_be_trained_is_refused(base, rows, tmp_path):
    with pytest.raises(UserError, match="no method branchynet"):
        train(rows, base, tmp_path, replace(RECIPE, method="branchynet"))
    with pytest.raises(UserError, match="--layers 2"):
        train(rows, base, tmp_path, replace(RECIPE, layers=1, exit0_teacher=1))


@pytest.mark.parametrize("method", ["romebert", "deebert"])
def test_exit_0_can_be_trained_again_behind_a_finished_encoder(base, rows, tmp_path, method):
    recipe = replace(RECIPE, method=method)
    train(rows, base, tmp_path, recipe)
    first = load_run(tmp_path)
    train(rows, base, tmp_path, replace(recipe, exit0_iterations=2))
    second = load_run(tmp_path)
    assert second.recipe["exit0_iterations"] == 2
    assert same_weights(first.model.state_dict(), second.model.state_dict())
    assert not torch.equal(first.exit0[DEBT.id].table.weight, second.exit0[DEBT.id].table.weight)


def test_a_run_is_read_back_with_its_facts(base, rows, tmp_path):
    train(rows, base, tmp_path, RECIPE, facts={"dataSha256": {"comment-debt": "0"}})
    run = load_run(tmp_path)
    assert isinstance(run.model, MultiExitEncoder) and not run.model.training
    assert list(run.recipe["tasks"]) == list(run.exit0) == [DEBT.id, SECTION.id]
    assert run.recipe["tasks"][SECTION.id] == {"rows": 28, "unlabelledRows": 0, "epochs": 2, "weightPower": 0.0, "secondOpinion": 0.0}
    assert run.recipe["dataSha256"] == {"comment-debt": "0"} and run.recipe["method"] == "romebert"
    logits = run.logits([[101, 60, 102], [101, 61, 62, 102]], SECTION.id)
    assert logits.shape == (3, 2, len(SECTION.labels))
    # Alone and in company.
    assert np.allclose(run.logits([[101, 60, 102]], SECTION.id)[:, 0], logits[:, 0], atol=1e-5)


def test_a_run_may_do_without_exit_0(base, rows, tmp_path):
    train(rows, base, tmp_path, RECIPE)
    # What the first run left of its exit 0 must not be taken for the second's.
    train(rows, base, tmp_path, replace(RECIPE, exit0_iterations=0))
    run = load_run(tmp_path)
    assert run.exit0 == {} and list(run.recipe["tasks"]) == [DEBT.id, SECTION.id] and not load_file(tmp_path / EXIT0)
    with pytest.raises(UserError, match="no exit 0 of doc-section"):
        run.logits([[101, 60, 102]], SECTION.id)


def test_log_counts_steps(base, rows, tmp_path):
    train(rows, base, tmp_path, replace(RECIPE, epochs_factor=1.0), stop_after=25)
    (entry,) = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert entry["step"] == 25 and entry["task"] in rows


def test_an_unfinished_run_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="train"):
        load_run(tmp_path)
