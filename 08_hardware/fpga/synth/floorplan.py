# Where the multipliers lie: nextpnr runs this before it places (--pre-place floorplan.py).
#
# Of the chip's 156 multipliers, in three rows of 52, the circuit uses 148. Left alone, the placer lets
# each go where its wires pull it, finds most seats taken, and ends with the sixteen of a dot product
# strewn over the chip: 46 tiles from a weight's register to its multiplier, on average. So the seats
# are given here, by hand; all else follows of itself.
#
#            seats 0 to 15      16, 17      18 to 33        34, 35       36 to 51
#   y = 10   engine, group 0                group 1                      group 2
#   y = 34   group 3            rsqrt       vector unit     reciprocal   group 4
#   y = 58   group 5                        group 6                      group 7
#
# Groups 0 to 3 and 4 to 7 have their inputs in common (rtl/engine.sv: b).
# pylint: disable=undefined-variable # ctx is nextpnr's

rows = {}
for bel in ctx.getBels():  # noqa: F821
    if str(ctx.getBelType(bel)) == "MULT18X18D":  # noqa: F821
        place = ctx.getBelLocation(bel)  # noqa: F821
        rows.setdefault(place.y, []).append((place.x, str(bel)))
seats = [[bel for _, bel in sorted(rows[y])] for y in sorted(rows)]


def put(cell, row, seat):
    """The multiplier of this name into the row's seat."""
    ctx.cells[cell + ".gen_primitive.mult.mult"].setAttr("BEL", seats[row][seat])  # noqa: F821


for group, (row, first) in enumerate([(0, 0), (0, 18), (0, 36), (1, 0), (1, 36), (2, 0), (2, 18), (2, 36)]):
    for lane in range(16):
        put(f"core.matrices.g_group[{group}].dot.g_lane[{lane}].times", row, first + lane)
for lane in range(16):
    put(f"core.shared.g_lane[{lane}].times", 1, 18 + lane)
for i, name in enumerate(["first", "second"]):
    put(f"core.rms.root.{name}", 1, 16 + i)
    put(f"core.softmax.divide.{name}", 1, 34 + i)
