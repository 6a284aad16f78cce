// From logits to a token. With m the slot timetable::Sample:
//   before    logits come, eight at a time; the largest is there in m
//   m, m+1    largest - logit, unsigned Q5.11: of tokens 0 to 15, then of the others
//   m+1, m+2  times 1 / temperature, in the vector unit; as unsigned Q4.12 to exp_bank in m+4, m+5
//   m+9, m+10 the powers come, and are added up: every running sum, and the total in m + 12
//   m+12      threshold = 24 random bits * total >> 24: four products in the vector unit
//   m+15      the first token whose running sum exceeds the threshold. In m + 16 it can be used.
// Greedy is the same with a power of 1 for the largest, 0 for the others, and a threshold of 0.
module sampler (
    input  logic              clk,
    input  logic              rst,
    input  logic              greedy,
    input  logic [15:0]       inverse_temperature,
    input  logic [127:0]      seeds,
    input  logic              row_valid,  // logits come
    input  logic [1:0]        row,
    input  logic [8*32-1:0]   row_logits,
    input  logic              start,      // this is m
    input  logic [1:0]        start_stream,
    output logic [16*18-1:0]  vector_a,
    output logic [16*18-1:0]  vector_b,
    input  logic [16*36-1:0]  products,
    output logic              z_valid,
    output logic [16*16-1:0]  z,
    input  logic [16*16-1:0]  powers,
    output logic [32*32-1:0]  logits,     // all, from m - 3 on
    output logic [4:0]        token       // in m + 16
);
  // 1. Logits, and the largest: of four, of the row, of all so far. Rows come one after the other, always
  // in the same places, and those before move on by eight: so nobody has to choose among 32.
  logic signed [31:0] logit[32], four[2], largest;
  logic came[2];
  logic [1:0] row1, row2;
  for (genvar i = 0; i < 32; i++) assign logits[32*i+:32] = logit[i];
  always_ff @(posedge clk) begin
    came[0] <= row_valid;
    came[1] <= came[0];
    row1 <= row;
    row2 <= row1;
    if (row_valid) begin
      for (int i = 0; i < 24; i++) logit[i] <= logit[i+8];
      for (int i = 0; i < 8; i++)
        logit[24+i] <= (row == 2'd3 && i > 2) ? 32'sh80000000 : row_logits[32*i+:32];
    end
    for (int i = 0; i < 2; i++)
      four[i] <= fixed::largest4(logit[24+4*i], logit[25+4*i], logit[26+4*i], logit[27+4*i]);
    if (came[1])
      largest <= fixed::largest4(four[0], four[1], four[0], (row2 == 2'd0) ? four[1] : largest);
  end

  // 2. go[i]: this is m + i, for tokens 0 to 15; go[i + 1] at the same time: for the others.
  logic go[17];
  assign go[0] = start;
  for (genvar i = 0; i < 16; i++) begin : g_go
    always_ff @(posedge clk) go[i+1] <= go[i];
  end
  logic [16*16-1:0] distance;
  logic [31:0] is_largest, below_largest[16];
  always_comb
    for (int i = 0; i < 16; i++)
      below_largest[i] = fixed::below(largest, go[1] ? logit[16+i] : logit[i]);
  always_ff @(posedge clk)
    for (int i = 0; i < 16; i++) begin
      distance[16*i+:16] <= fixed::narrow_unsigned({1'b0, below_largest[i]}, model::LogitShift);
      if (go[0]) is_largest[i] <= below_largest[i] == 32'd0;
      if (go[1]) is_largest[16+i] <= below_largest[i] == 32'd0;
      z[16*i+:16] <= fixed::narrow_unsigned(33'(products[36*i+:32]), 9);
    end
  always_ff @(posedge clk) z_valid <= go[3] || go[4];

  // 3. Powers: the sums within each four, then with the fours before.
  logic [15:0] power[16];
  logic [17:0] of_four[16];
  logic [19:0] upto[16], running[27], total;
  always_comb
    for (int i = 0; i < 16; i++)
      if (go[10] && i > 10) power[i] = 16'd0;
      else if (greedy) power[i] = {is_largest[go[10] ? 16 + i : i], 15'd0};
      else power[i] = powers[16*i+:16];
  always_comb
    for (int i = 0; i < 4; i++) begin
      upto[i] = 20'(of_four[i]);
      upto[4+i] = 20'(of_four[3]) + 20'(of_four[4+i]);
      upto[8+i] = (20'(of_four[3]) + 20'(of_four[7])) + 20'(of_four[8+i]);
      upto[12+i] = (20'(of_four[3]) + 20'(of_four[7])) + (20'(of_four[11]) + 20'(of_four[12+i]));
    end
  always_ff @(posedge clk) begin
    for (int q = 0; q < 16; q += 4) begin
      of_four[q] <= 18'(power[q]);
      of_four[q+1] <= 18'(power[q]) + 18'(power[q+1]);
      of_four[q+2] <= (18'(power[q]) + 18'(power[q+1])) + 18'(power[q+2]);
      of_four[q+3] <= (18'(power[q]) + 18'(power[q+1])) + (18'(power[q+2]) + 18'(power[q+3]));
    end
    if (go[10]) for (int i = 0; i < 16; i++) running[i] <= upto[i];
    if (go[11]) begin
      for (int i = 0; i < 11; i++) running[16+i] <= running[15] + upto[i];
      total <= running[15] + upto[15];
    end
  end

  // 4. A random number: Marsaglia's xorshift with shifts 13, 17, 5, a state for each stream.
  logic [31:0] state[4], moved, left13, right17;
  logic [23:0] random;
  assign left13 = state[start_stream] ^ (state[start_stream] << 13);
  assign right17 = left13 ^ (left13 >> 17);
  assign moved = right17 ^ (right17 << 5);
  always_ff @(posedge clk)
    if (rst) for (int s = 0; s < 4; s++) state[s] <= seeds[32*s+:32];
    else if (start) begin
      state[start_stream] <= moved;
      random <= moved[31:8];
    end

  // 5. Products: of distances and 1 / temperature; of the random number's and the total's halves.
  always_comb
    for (int i = 0; i < 16; i++) begin
      vector_a[18*i+:18] = {2'b00, {16{go[1] || go[2]}} & distance[16*i+:16]};
      vector_b[18*i+:18] = {2'b00, {16{go[1] || go[2]}} & inverse_temperature};
      if (go[12] && i < 4) begin
        vector_a[18*i+:18] = {6'd0, (i >= 2) ? random[23:12] : random[11:0]};
        vector_b[18*i+:18] = {8'd0, (i % 2 == 1) ? total[19:10] : total[9:0]};
      end
    end

  // 6. The token.
  // verilator lint_off UNUSEDSIGNAL
  logic [43:0] threshold_wide;
  // verilator lint_on UNUSEDSIGNAL
  logic [19:0] threshold;
  logic [4:0] first;
  assign threshold_wide = (44'(products[0+:22]) + (44'(products[36+:22]) << 10))
                        + ((44'(products[72+:22]) << 12) + (44'(products[108+:22]) << 22));
  always_comb begin
    first = 5'd26;
    for (int i = 25; i >= 0; i--) if (exceeds(running[i], threshold)) first = 5'(i);
  end

  // sum > limit, by a sign (see fixed::at_least).
  function automatic logic exceeds(input logic [19:0] sum, input logic [19:0] limit);
    // verilator lint_off UNUSEDSIGNAL
    logic [20:0] gap;
    // verilator lint_on UNUSEDSIGNAL
    gap = 21'(limit) - 21'(sum);
    exceeds = gap[20];
  endfunction
  always_ff @(posedge clk) begin
    threshold <= greedy ? 20'd0 : threshold_wide[43:24];
    token <= first;
  end
endmodule
