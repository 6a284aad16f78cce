// Keys and values of the names being written: 16 rows of 8 groups x 16 lanes x 16 bits, made of the
// small memories that an FPGA has in its logic. A row is read whole, in the same cycle, with no
// clock; written are only the lanes that a new key or value goes to.
//
// Row {stream, is_value, half}:
//   keys    half 0: positions 0 to 7, one a group; half 1: 8 to 15. A lane is a dimension.
//   values  half 0: dimensions 0 to 7, one a group; half 1: 8 to 15. A lane is a position.
// So a row times the query is 8 positions' scores, and a row times the softmax's weights is 8
// dimensions of attention's result: the same 8 dot products as with a row of weights.
module kv_memory (
    input  logic              clk,
    // A copy for each group: {write, is it a value, dimensions 8 to 15, stream (2), position (4)}
    input  logic [8*9-1:0]    writing,
    input  logic [8*16-1:0]   numbers,  // eight dimensions
    // A copy for each group: {the row (4), not looked at}
    // verilator lint_off UNUSEDSIGNAL
    input  logic [8*5-1:0]    reading,
    // verilator lint_on UNUSEDSIGNAL
    output logic [128*16-1:0] row
);
  for (genvar group = 0; group < 8; group++) begin : g_group
    logic write, write_value, write_half;
    logic [1:0] write_stream;
    logic [3:0] write_position, write_row, read_row;
    assign {write, write_value, write_half, write_stream, write_position} = writing[9*group+:9];
    assign write_row = {write_stream, write_value, write_value ? write_half : write_position[3]};
    assign read_row = reading[5*group+1+:4];
    for (genvar lane = 0; lane < 16; lane++) begin : g_lane
      logic here;
      logic [15:0] number;
      logic [15:0] words[16];
      assign here = write_value ? write_position == 4'(lane)
                                : write_position[2:0] == 3'(group) && write_half == (lane >= 8);
      assign number = write_value ? numbers[16*group+:16] : numbers[16*(lane%8)+:16];
      always_ff @(posedge clk) if (write && here) words[write_row] <= number;
      assign row[16*(16*group+lane)+:16] = words[read_row];
    end
  end
endmodule
