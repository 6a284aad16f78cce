#!/usr/bin/env python3
"""Counts the instructions of 08_sme2 --cases, at each length of a streaming vector.

QEMU's log names each piece of code that it translates, with its instructions, and then each time that
piece is run; between the two marks of a case they are added up. An instruction is no time: the table says
how much has to be done, not how long it takes.

usage: count_instructions.py PROGRAM [BITS ...]    (lengths; 128 256 512 unless given)
"""
import os
import subprocess
import sys
import threading


def counts(log):
    """Instructions between each pair of marks, in order."""
    length, pending, total, counting = {}, 0, 0, False
    for line in log:
        if line.startswith(b"0x"):  # an instruction of a piece just translated
            pending += 1
        elif line.startswith(b"Trace"):
            words = line.split()
            if pending:  # its first run follows at once
                length[words[2]] = pending
                pending = 0
            if words[-1] == b"ladder_count_begins":
                total, counting = 0, True
            elif words[-1] == b"ladder_count_ends":
                yield total
                counting = False
            elif counting:
                total += length[words[2]]


def measure(program, bits):
    """Of each case: what, width, how, entries, tokens, instructions."""
    read, write = os.pipe()
    environment = dict(os.environ, QEMU_CPU=f"max,sme{bits}=on,sme_fa64=off",
                       QEMU_LOG="in_asm,exec,nochain", QEMU_LOG_FILENAME=f"/proc/self/fd/{write}")
    process = subprocess.Popen([program, "--quiet", "--cases"], env=environment, pass_fds=[write],
                               stdout=subprocess.PIPE)
    os.close(write)
    found = []
    with os.fdopen(read, "rb") as log:
        reader = threading.Thread(target=lambda: found.extend(counts(log)))
        reader.start()
        text = process.communicate()[0].decode()
        reader.join()
    if process.returncode:
        sys.exit(f"error: {program} --cases ended with status {process.returncode}")
    rows = [line.split("\t") for line in text.splitlines()]
    if rows[0][:2] != ["lanes", str(bits // 32)]:
        sys.exit(f"error: {program} has {rows[0][1]} lanes, not {bits // 32}: is it run by QEMU 11?")
    rows = [(what, int(width), how, int(entries), int(tokens))
            for what, width, how, entries, tokens in rows[1:]]
    if len(rows) != len(found):
        sys.exit(f"error: {len(rows)} cases, but {len(found)} counted")
    empty = found[0]  # what the marks themselves take
    return {row[:3]: (*row[3:], count - empty) for row, count in zip(rows, found)}


TITLES = {
    "vector": "one stream: a matrix times a vector",
    "streams": "64 streams: a matrix times 64 vectors",
    "position": "gradient of a matrix, one position",
    "name": "gradient of a matrix, 16 positions",
}


def main():
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        sys.exit(0 if arguments else 2)
    lengths = [int(bits) for bits in arguments[1:]] or [128, 256, 512]
    by_length = {bits: measure(arguments[0], bits) for bits in lengths}
    plain = by_length[lengths[0]]
    widths = sorted({width for what, width, _ in plain if what in TITLES})
    heads = "".join(f"{f'SME2 {bits}':>11}" for bits in lengths)
    print("Instructions under QEMU; the figure behind SME2 is its streaming length in bits.")
    for what, title in TITLES.items():
        print(f"\n{title}\nwidth       NEON{heads}")
        for width in widths:
            cells = "".join(f"{by_length[bits][what, width, 'SME2'][2]:>11,}" for bits in lengths)
            print(f"{width:>5}{plain[what, width, 'NEON'][2]:>11,}{cells}")
    print(f"\nall gradients of a name\nwidth  way            entries       NEON{heads}")
    for width in widths:
        for way in ("each position", "each matrix", "once"):
            cells = "".join(f"{by_length[bits]['gradients', width, way][2]:>11,}" for bits in lengths)
            entries = plain["gradients", width, way][0]
            print(f"{width:>5}  {way:<13}{entries:>9}{plain['gradients', width, 'NEON'][2]:>11,}{cells}")
    print(f"\nengines, emulated: a token\nengine        entries a token     {heads}")
    for what, width, how in plain:
        if what != "engine":
            continue
        entries, tokens, _ = plain[what, width, how]
        cells = "".join(f"{by_length[bits][what, width, how][2] / tokens:>11,.0f}" for bits in lengths)
        print(f"{how:<14}{entries / tokens:>15.4f}     {cells}")


if __name__ == "__main__":
    main()
