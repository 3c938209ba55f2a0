"""What computes is told from all that gives other last bits, as far as the system tells it."""

import platform

import numpy as np
import pytest

from threeway import processor
from threeway.processor import list_arithmetic, list_versions, name_processor

MODEL = "Intel(R) Xeon(R) Processor: 2.10GHz"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["flags\t\t: fpu sse2 avx avx2 fma avx512f avx512bw"], f"{MODEL}, AVX-512"),
        (["flags\t\t: fpu sse2 avx avx2 fma"], f"{MODEL}, AVX2"),
        (["flags\t\t: avx512f avx2 amx_bf16 amx_tile"], f"{MODEL}, AMX"),
        # Flags that only begin like those that count.
        (["flags\t\t: fpu sse2 avx avx512bw avx2x"], MODEL),
        ([], MODEL),
    ],
)
def test_a_processor_is_named_by_its_model_and_its_widest_instructions(tmp_path, lines, told):
    cores = 2 * ["processor\t: 0", f"model name\t: {MODEL}", *lines, "", ""]
    (tmp_path / "cpuinfo").write_text("\n".join(cores))
    assert name_processor(tmp_path / "cpuinfo") == told


@pytest.mark.parametrize("text", [None, "", "processor\t: 0\nFeatures\t: fp asimd avx2\n"])
@pytest.mark.parametrize(("model", "told"), [("i386", "i386"), ("", "aarch64")])
def test_where_the_system_names_no_model_it_is_what_python_knows(
    tmp_path, monkeypatch, text, model, told
):
    monkeypatch.setattr(platform, "processor", lambda: model)
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    assert name_processor(tmp_path / "cpuinfo") == told


def test_the_arithmetic_that_the_environment_asks_for_is_listed_and_its_talk_is_not(monkeypatch):
    for name in list_arithmetic():
        monkeypatch.delenv(name)
    assert list_arithmetic() == {}
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    monkeypatch.setenv("NOT_TF_ANYTHING", "1")
    # By name, whatever came first: what is written down is the same.
    assert [*list_arithmetic().items()] == [
        ("ONEDNN_MAX_CPU_ISA", "AVX2"),
        ("TF_ENABLE_ONEDNN_OPTS", "0"),
    ]


def test_versions_are_those_that_are_installed():
    found = list_versions()
    assert [*found] == ["python", *processor.PACKAGES]
    assert (found["python"], found["numpy"]) == (platform.python_version(), np.__version__)
