"""Files at rest: what was sealed comes back whole, and nothing else ever does."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immuno_site.consultations.files import envelope
from immuno_site.consultations.files.envelope import BrokenEnvelope, SealedFile, seal, sealed_size, unseal

KEY = bytes(range(32))
ID = b"sixteen byte id."
HEADER = len(envelope.MAGIC)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "CHUNK", 64)


def sealed(plain: bytes, *, key: bytes = KEY, bound_to: bytes = ID) -> bytes:
    return b"".join(seal(io.BytesIO(plain), key=key, bound_to=bound_to))


def opened(data: bytes, *, key: bytes = KEY, bound_to: bytes = ID) -> bytes:
    return b"".join(unseal(io.BytesIO(data), key=key, bound_to=bound_to))


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 127, 128, 129, 1000])
def test_file_comes_back_as_it_was(small_chunks: None, size: int) -> None:
    plain = bytes(index % 251 for index in range(size))
    assert opened(sealed(plain)) == plain
    assert len(sealed(plain)) == sealed_size(size)


def test_file_of_fifty_megabytes_grows_by_less_than_a_kilobyte() -> None:
    assert sealed_size(50 * 1024 * 1024) - 50 * 1024 * 1024 == HEADER + 50 * envelope.TAG


def test_envelope_does_not_show_the_content(small_chunks: None) -> None:
    assert b"melanoma" not in sealed(b"stage IV melanoma " * 20)


def test_file_of_another_row_is_not_opened() -> None:
    with pytest.raises(BrokenEnvelope):
        opened(sealed(b"report"), bound_to=b"another id......")


def test_file_under_another_key_is_not_opened() -> None:
    with pytest.raises(BrokenEnvelope):
        opened(sealed(b"report"), key=envelope.new_key())


@pytest.mark.parametrize("data", [b"", b"IMF", b"IMF1", b"IMF1" + b"\0" * 16, b"%PDF-1.7 in the clear"])
def test_something_else_is_not_opened(data: bytes) -> None:
    with pytest.raises(BrokenEnvelope):
        opened(data)


def test_keys_are_long_and_never_the_same() -> None:
    keys = {envelope.new_key() for _ in range(50)}
    assert len(keys) == 50
    assert {len(key) for key in keys} == {32}


@settings(max_examples=2000, deadline=None)
@given(plain=st.binary(max_size=400), source=st.data())
def test_any_cut_is_noticed(plain: bytes, source: st.DataObject) -> None:
    data = sealed_in_small_chunks(plain)
    length = source.draw(st.integers(0, len(data) - 1))
    with pytest.raises(BrokenEnvelope):
        opened_in_small_chunks(data[:length])


@settings(max_examples=2000, deadline=None)
@given(plain=st.binary(max_size=400), source=st.data())
def test_any_flipped_bit_is_noticed(plain: bytes, source: st.DataObject) -> None:
    data = bytearray(sealed_in_small_chunks(plain))
    data[source.draw(st.integers(0, len(data) - 1))] ^= 1 << source.draw(st.integers(0, 7))
    with pytest.raises(BrokenEnvelope):
        opened_in_small_chunks(bytes(data))


@settings(max_examples=2000, deadline=None)
@given(plain=st.binary(min_size=65, max_size=640), source=st.data())
def test_any_other_order_of_chunks_is_noticed(plain: bytes, source: st.DataObject) -> None:
    data = sealed_in_small_chunks(plain)
    step = 64 + envelope.TAG
    chunks = [data[start : start + step] for start in range(HEADER, len(data), step)]
    order = source.draw(st.lists(st.sampled_from(range(len(chunks))), max_size=len(chunks) + 2))
    if order == list(range(len(chunks))):
        return
    with pytest.raises(BrokenEnvelope):
        opened_in_small_chunks(data[:HEADER] + b"".join(chunks[number] for number in order))


@settings(max_examples=300, deadline=None)
@given(plain=st.binary(max_size=400), sizes=st.lists(st.integers(1, 100)))
def test_storage_may_read_in_any_steps(plain: bytes, sizes: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "CHUNK", 64)
        file = SealedFile(io.BytesIO(plain), size=len(plain), key=KEY, bound_to=ID)
        data = b"".join(file.read(size) for size in sizes)
        data += file.read()
        assert data == sealed(plain)
        assert file.tell() == file.size == len(data)


def test_storage_may_go_back_and_ask_for_the_length(small_chunks: None) -> None:
    plain = b"0123456789" * 30
    file = SealedFile(io.BytesIO(plain), size=len(plain), key=KEY, bound_to=ID)
    assert file.seek(0, io.SEEK_END) == file.size
    assert file.read() == b""
    file.seek(10)
    assert file.read(20) == sealed(plain)[10:30]
    assert file.seek(-5, io.SEEK_CUR) == 25
    file.seek(0)
    assert file.read() == sealed(plain)
    assert b"".join(file.chunks()) == sealed(plain)


def test_memory_does_not_grow_with_the_file() -> None:
    source = io.BytesIO(bytes(20 * 1024 * 1024))
    tracemalloc.start()
    try:
        for piece in seal(source, key=KEY, bound_to=ID):
            del piece
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * 1024 * 1024


def sealed_in_small_chunks(plain: bytes) -> bytes:
    """hypothesis runs one test many times: the fixture would be made only once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "CHUNK", 64)
        return sealed(plain)


def opened_in_small_chunks(data: bytes) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "CHUNK", 64)
        return opened(data)
