# Where multipliers and block RAMs lie: nextpnr runs this before it places (--pre-place floorplan.py).
#
# Of the chip's 156 multipliers, in three rows of 52, the circuit uses 148. Left alone, the placer lets
# each go where its wires pull it, finds most seats taken, and ends with the sixteen of a dot product
# strewn over the chip: 46 tiles from a weight's register to its multiplier, on average. So the seats
# are given here, by hand; all else follows of itself.
#
#            seats 0 to 15      16, 17      18 to 33        34, 35       36 to 51
#   y = 10   multipliers of engine's group 0, 1 and 2
#   y = 22   block RAMs: their weights
#   y = 34   multipliers of group 3, 4 and 5
#   y = 46   block RAMs: their weights
#   y = 58   group 6           rsqrt       vector unit     reciprocal   group 7
#   y = 70   block RAMs: weights of groups 6 and 7, in the middle the tables of rsqrt and reciprocal
#   y = 82   block RAMs: tables of the sixteen exponentials
#
# The last rows are far below all that they work with. They pull softmax, norm and sampler down, which
# would else crowd in the chip's middle, where wires are short already.

kinds = {"MULT18X18D": {}, "DP16KD": {}}  # kind -> row -> [(x, name of the seat)]
for bel in ctx.getBels():  # noqa: F821 (ctx is nextpnr's)
    kind = str(ctx.getBelType(bel))  # noqa: F821
    if kind in kinds:
        place = ctx.getBelLocation(bel)  # noqa: F821
        kinds[kind].setdefault(place.y, []).append((place.x, str(bel)))
for rows in kinds.values():
    for y in rows:
        rows[y].sort()
taken = set()


def put(cell, kind, y, seat):
    """This cell into the row's seat, or the next free one to the right."""
    while (kind, y, seat) in taken:
        seat += 1
    taken.add((kind, y, seat))
    ctx.cells[cell].setAttr("BEL", kinds[kind][y][seat][1])  # noqa: F821


def multiplier(name, y, seat):
    put(f"core.{name}.gen_primitive.mult.mult", "MULT18X18D", y, seat)


def memory(name, y, seat):
    put(f"core.{name}", "DP16KD", y, seat)


groups = [(10, 0), (10, 18), (10, 36), (34, 0), (34, 18), (34, 36), (58, 0), (58, 36)]
for group, (y, first) in enumerate(groups):
    for lane in range(16):
        multiplier(f"matrices.g_group[{group}].dot.g_lane[{lane}].times", y, first + lane)
for lane in range(16):
    multiplier(f"shared.g_lane[{lane}].times", 58, 18 + lane)
for i, name in enumerate(["first", "second"]):
    multiplier(f"rms.root.{name}", 58, 16 + i)
    multiplier(f"softmax.divide.{name}", 58, 34 + i)

# A block RAM has 36 of the 2,048 bits of a row of weights: beside the lane of the first of them.
for ram in range(57):
    lane = 36 * ram >> 4
    y, first = groups[lane // 16]
    memory(f"matrices.weight_rom.words.0.{ram}", y + 12, first + lane % 16)
for lane in range(16):
    memory(f"exponentials.g_lane[{lane}].table_rom.words.0.0", 82, 8 + 2 * lane)
memory("rms.root.table_rom.words.0.0", 70, 20)
memory("softmax.divide.table_rom.words.0.0", 70, 32)
