import json

import pytest
import torch
from safetensors.torch import load_file

from glance_training import UserError
from glance_training.data import LABELS
from glance_training.losses import regularise
from glance_training.model import from_base
from glance_training.train import Recipe, build_optimiser, is_regularised, load_run, rate_factor, set_gradients, train

RECIPE = Recipe(epochs=2, batch_size=8, exit0_epochs=1, bfloat16=False, head_lr=0.01)


@pytest.fixture(scope="module")
def losses(base):
    """A model in evaluation mode and a function that gives its two losses, in which the exits disagree."""
    torch.manual_seed(1)
    model = from_base(base, len(LABELS)).eval()
    ids = torch.tensor([[2, 10, 11, 3], [2, 12, 3, 0]])

    def compute():
        first, last = model(ids, (ids > 0).long())
        return first[:, 0].sum() * 3 - first[:, 1].sum(), last[:, 1].sum() - last[:, 0].sum()

    return model, compute


def gradients_of(model, loss):
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    gradients = torch.autograd.grad(loss, [p for _, p in named], materialize_grads=True, allow_unused=True)
    return dict(zip([n for n, _ in named], gradients))


@pytest.mark.parametrize("give_way", ["last", "earlier"])
def test_projection_reaches_the_gradients_of_the_weights_it_is_meant_for(losses, give_way):
    model, compute = losses
    earlier_loss, last_loss = compute()
    set_gradients(model, earlier_loss, last_loss, give_way)
    result = {n: p.grad.clone() for n, p in model.named_parameters() if p.requires_grad}
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
    earlier_loss, last_loss = compute()
    set_gradients(model, earlier_loss, last_loss, "none")
    result = {n: p.grad.clone() for n, p in model.named_parameters() if p.requires_grad}
    for name, gradient in gradients_of(model, sum(compute())).items():
        assert torch.allclose(result[name], gradient, atol=1e-6), name


def test_what_is_regularised():
    assert is_regularised("bert.encoder.layer.0.attention.self.query.weight", 5)
    for name in (
        "bert.encoder.layer.5.attention.self.query.weight",
        "bert.encoder.layer.0.attention.self.query.bias",
        "bert.encoder.layer.0.output.LayerNorm.weight",
        "bert.embeddings.position_embeddings.weight",
        "poolers.0.weight",
        "heads.0.weight",
    ):
        assert not is_regularised(name, 5), name


def test_poolers_start_from_the_base_and_words_are_frozen(base):
    model = from_base(base, len(LABELS))
    pooler = load_file(base / "model.safetensors")["pooler.dense.weight"]
    assert all(torch.equal(exit_pooler.weight, pooler) for exit_pooler in model.poolers)
    trained = {id(p) for group in build_optimiser(model, RECIPE).param_groups for p in group["params"]}
    assert id(model.bert.embeddings.word_embeddings.weight) not in trained
    assert len(trained) == sum(1 for _ in model.parameters()) - 1


def test_rate_warms_up_and_decays():
    factors = [rate_factor(step, 100, 0.1) for step in range(100)]
    assert factors[0] == pytest.approx(0.1) and max(factors) == 1.0 and factors[-1] == pytest.approx(1 / 90)
    assert factors.index(1.0) == 9 and factors[50:] == sorted(factors[50:], reverse=True)


def test_exits_ignore_padding(losses):
    model, _ = losses
    alone = model(torch.tensor([[2, 12, 3]]), torch.ones(1, 3, dtype=torch.long))
    padded = model(torch.tensor([[2, 12, 3, 0, 0]]), torch.tensor([[1, 1, 1, 0, 0]]))
    for one, other in zip(alone, padded):
        assert torch.allclose(one, other, atol=1e-5)


def test_resumed_training_equals_uninterrupted_training(base, rows, tmp_path):
    train(rows, base, tmp_path / "whole", RECIPE)
    for stop in (7, 19, None):
        train(rows, base, tmp_path / "parts", RECIPE, stop_after=stop)
    whole, whole0, _ = load_run(tmp_path / "whole")
    parts, parts0, facts = load_run(tmp_path / "parts")
    assert facts["steps"] == 30
    for one, other in ((whole, parts), (whole0, parts0)):
        for name, tensor in one.state_dict().items():
            assert torch.equal(tensor, other.state_dict()[name]), name
    before = from_base(base, len(LABELS)).bert.encoder.layer[0].output.dense.weight
    assert not torch.equal(before, whole.bert.encoder.layer[0].output.dense.weight)


def test_a_checkpoint_of_another_recipe_is_refused(base, rows, tmp_path):
    train(rows, base, tmp_path, RECIPE, stop_after=1)
    with pytest.raises(UserError, match="differs in: seed"):
        train(rows, base, tmp_path, Recipe(**{**RECIPE.__dict__, "seed": 5}))


def test_exit_0_can_be_distilled_again_from_a_finished_encoder(base, rows, tmp_path):
    train(rows, base, tmp_path, RECIPE)
    first, first0, _ = load_run(tmp_path)
    train(rows, base, tmp_path, Recipe(**{**RECIPE.__dict__, "exit0_epochs": 2}))
    second, second0, facts = load_run(tmp_path)
    assert facts["exit0_epochs"] == 2
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters()))
    assert not torch.equal(first0.table.weight, second0.table.weight)


def test_log_counts_steps(base, rows, tmp_path):
    train(rows, base, tmp_path, RECIPE, stop_after=25)
    entries = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries] == [25]


def test_an_unfinished_run_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="train"):
        load_run(tmp_path)
