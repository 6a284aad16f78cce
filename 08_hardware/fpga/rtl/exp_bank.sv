// Sixteen times e^-z = 2^-(z log2 e). The steps are those of exp_negative() in
// 07_fast_inference/fixed_point/fixed_point.hpp.
//
// z comes in cycle 0, the power is there in cycle 5; sixteen new ones may come in every cycle.
//   0  t = z * log2 e, by adders: the factor is a constant, and few of its bits are set
//   1  2^-(first 6 bits of t's fraction) from a table, and how far it is to the next entry: that
//      way times the other bits of the fraction, in the vector unit
//   3  the straight line between two entries
//   4  shifted right by the whole part of t, rounded
module exp_bank (
    input  logic              clk,
    input  logic              start,     // these z count
    input  logic [16*16-1:0]  z,         // unsigned Q4.12
    output logic [16*18-1:0]  vector_a,  // in cycle 1
    output logic [16*18-1:0]  vector_b,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [16*36-1:0]  products,  // in cycle 3
    // verilator lint_on UNUSEDSIGNAL
    output logic [16*16-1:0]  powers     // in cycle 5, unsigned Q1.15
);
  logic start1;
  always_ff @(posedge clk) start1 <= start;

  for (genvar i = 0; i < 16; i++) begin : g_lane
    // Cycle 0: 47274 = 2^11 (24 - 1) + 2 (5 + 16 * 5)
    // verilator lint_off UNUSEDSIGNAL
    logic [31:0] wide, five, t_next;
    // verilator lint_on UNUSEDSIGNAL
    assign wide = {16'd0, z[16*i+:16]};
    assign five = wide + (wide << 2);
    assign t_next = ((((wide + (wide << 1)) << 3) - wide) << 11) + ((five + (five << 4)) << 1);

    // Cycle 1
    logic [24:0] entry;  // {how far to the next, this one}
    logic [4:0] whole1;
    logic [14:0] fraction1;
    rom #(.Width(25), .Depth(64), .File("exp.hex")) table_rom (
        .clk, .address(t_next[26:21]), .word(entry));
    always_ff @(posedge clk) begin
      whole1 <= t_next[31:27];
      fraction1 <= t_next[20:6];
    end
    assign vector_a[18*i+:18] = {3'b000, {15{start1}} & fraction1};
    assign vector_b[18*i+:18] = {9'd0, {9{start1}} & entry[24:16]};

    // Cycle 3
    logic [4:0] whole2, whole3, whole4;
    logic [15:0] entry2, entry3, power4;
    always_ff @(posedge clk) begin
      whole2 <= whole1;
      whole3 <= whole2;
      whole4 <= whole3;
      entry2 <= entry[15:0];
      entry3 <= entry2;
      power4 <= entry3 - 16'(products[36*i+15+:9]);
    end

    // Cycle 4: shifted by one bit less, half a unit, and the last bit.
    // verilator lint_off UNUSEDSIGNAL
    logic [16:0] shifted;
    // verilator lint_on UNUSEDSIGNAL
    assign shifted = ({power4, 1'b0} >> whole4) + 17'd1;
    always_ff @(posedge clk) powers[16*i+:16] <= shifted[16:1];
  end
endmodule
