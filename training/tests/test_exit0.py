import numpy as np
import pytest
import torch

from glance_training.exit0 import PAIR_BUCKETS, HashedClassifier, features, quantise_table, train_exit0
from glance_training.losses import Batch

V = 30522


def test_features_are_the_inner_tokens_and_their_hashed_pairs():
    pairs = [V + (7 * 1000003 + 8 * 7919) % 65536, V + (8 * 1000003 + 9 * 7919) % 65536]
    (found,) = features([101, 7, 8, 9, 102], V)
    assert sorted(found) == sorted([7, 8, 9, *pairs])


def test_parts_are_told_apart_and_no_pair_crosses_them():
    # 7 8 [SEP] [SEP] 8 9: the second part is empty, 8 and 9 stand in the third (s = 2).
    first, second, third = features([101, 7, 8, 102, 102, 8, 9, 102], V)
    salt = 2 * 1299709
    assert sorted(first) == sorted([7, 8, V + (7 * 1000003 + 8 * 7919) % 65536])
    assert second == []
    assert sorted(third) == sorted([V + (8 * 31337 + salt) % 65536, V + (9 * 31337 + salt) % 65536, V + (8 * 1000003 + 9 * 7919 + salt) % 65536])


def test_a_feature_is_of_the_first_part_that_has_it():
    # A pair of the first part whose bucket is that of token 2023 in the second.
    bucket = 64694460 % 65536
    first, second = next((a, b) for a in range(200, 300) for b in range(300, V) if (a * 1000003 + b * 7919) % 65536 == bucket)
    assert features([101, first, second, 102, 2023, 102], V) == [[first, second, V + bucket], []]


def test_features_as_numbers():
    # Worked out with a pocket calculator, so that no formula of the code is repeated: 2023 * 31337 + 1299709 = 64694460.
    assert features([101, 102, 2023, 102], V) == [[], [V + 64694460 % 65536]] == [[], [V + 10428]]
    # 5 * 1000003 + 6 * 7919 = 5047529.
    assert features([101, 5, 6, 102], V)[0][2] == V + 5047529 % 65536 == V + 1257


def test_a_text_without_tokens_has_no_features_and_gets_the_bias():
    assert features([101, 102], V) == [[]]
    assert features([101, 102, 102, 102], V) == [[], [], []]
    classifier = HashedClassifier(10, 3)
    classifier.bias.data = torch.tensor([1.0, 2.0, 3.0])
    assert classifier([[101, 102]]).tolist() == [[1.0, 2.0, 3.0]]


def test_a_feature_counts_once():
    assert features([101, 5, 6, 5, 6, 102], V) == [[5, 6, V + 5047529 % 65536, V + (6 * 1000003 + 5 * 7919) % 65536]]


def test_logits_are_the_sum_of_the_rows_over_the_root_of_their_number_and_four():
    classifier = HashedClassifier(10, 2)
    classifier.table.weight.data = torch.arange((10 + PAIR_BUCKETS) * 2).reshape(-1, 2).float()
    (rows,) = features([101, 5, 6, 102], 10)
    assert len(rows) == 3
    expected = classifier.table.weight[rows].sum(0) / 7**0.5
    # The company of a second text must not matter.
    assert torch.allclose(classifier([[101, 5, 6, 102], [101, 7, 102]])[0], expected, rtol=1e-6)


def test_each_part_has_a_weight_of_its_own():
    classifier = HashedClassifier(10, 1)
    classifier.table.weight.data = torch.ones(10 + PAIR_BUCKETS, 1)
    # One feature in front and three behind, however long the other part is.
    assert float(classifier([[101, 5, 102, 6, 7, 102]])) == pytest.approx(1 / 5**0.5 + 3 / 7**0.5)
    assert float(classifier([[101, 5, 102, 102]])) == pytest.approx(1 / 5**0.5)


def test_without_a_teacher_the_labels_alone_teach():
    sequences, holds = [[101, 5, 102], [101, 6, 102]] * 10, torch.tensor([[True, False], [False, True]] * 10)
    targets = Batch(holds, torch.ones_like(holds), torch.ones(20), False)
    misled = torch.tensor([[-9.0, 9.0], [9.0, -9.0]] * 10)
    options = {"temperature": 1.0, "penalty": 1e-5, "iterations": 50}
    assert torch.equal(train_exit0(sequences, targets, None, 10, gamma=0.9, **options)(sequences) > 0, holds)
    assert torch.equal(train_exit0(sequences, targets, misled, 10, gamma=0.9, **options)(sequences) > 0, ~holds)


@pytest.mark.parametrize("multi_label", [False, True])
def test_distillation_learns_the_teacher(multi_label):
    sequences = [[101, 5 + i % 2, 102] for i in range(40)]
    teacher = torch.tensor([[3.0, -3.0], [-3.0, 3.0]] * 20)
    holds = torch.tensor([[True, False], [False, True]] * 20)
    targets = Batch(holds, torch.ones_like(holds), torch.ones(40), multi_label)
    classifier = train_exit0(sequences, targets, teacher, 10, gamma=0.9, temperature=1.0, penalty=1e-5, iterations=50)
    answers = classifier(sequences) > 0
    assert torch.equal(answers, holds)


def test_texts_without_labels_teach_by_the_teacher_alone():
    # Token 5 is labelled 0; of token 7 there is the teacher's answer only, and it says 1.
    sequences = [[101, 5, 102]] * 10 + [[101, 7, 102]] * 10
    teacher = torch.tensor([[2.0, -2.0]] * 10 + [[-2.0, 2.0]] * 10)
    targets = Batch(torch.tensor([[True, False]] * 10), torch.ones(10, 2, dtype=torch.bool), torch.ones(10), False)
    classifier = train_exit0(sequences, targets, teacher, 10, gamma=0.5, temperature=1.0, penalty=1e-6, iterations=100)
    taught = classifier([[101, 7, 102]])[0]
    # The least distillation loss is the teacher's own answer: a difference of 4 between the logits.
    assert float(taught[1] - taught[0]) == pytest.approx(4, abs=0.1)


def test_the_penalty_keeps_the_weights_small():
    sequences, holds = [[101, 5, 102], [101, 6, 102]] * 10, torch.tensor([[True, False], [False, True]] * 10)
    targets = Batch(holds, torch.ones_like(holds), torch.ones(20), False)
    teacher = torch.tensor([[4.0, -4.0], [-4.0, 4.0]] * 10)
    free, kept = (
        train_exit0(sequences, targets, teacher, 10, gamma=0.5, temperature=1.0, penalty=penalty, iterations=100).table.weight.abs().max()
        for penalty in (1e-6, 1e-2)
    )
    assert kept < free / 2


def test_quantised_columns_have_their_own_scale_and_clip():
    table = np.zeros((101, 2), dtype=np.float32)
    table[1:, 0] = 1.0
    table[1:, 1] = np.linspace(0.01, 1.0, 100)
    table[100, 1] = 1000.0
    values, scales = quantise_table(table, 99.0)
    assert values.dtype == np.int8
    assert np.allclose(values[1:, 0] * scales[0], 1.0)
    assert values[100, 1] == 127
    assert np.abs(values[:100, 1] * scales[1] - table[:100, 1]).max() <= scales[1] / 2 + 1e-6
