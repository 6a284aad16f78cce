// Softmax for all four heads: from scores to weights. All 16 positions are always computed; those
// that the name has not reached yet get a score below all others and a power of 0. So every token
// takes the same time.
//
// With p the slot timetable::Powers and head h:
//   before   scores come from the engine; the largest of each head is there in p
//   p + h    largest - score, as unsigned Q4.12, for exp_bank
//   p + 6+h  the powers come; their sum is there in p + 8 + h
//   p +13+h  power * reciprocal of the sum, in the vector unit
//   p +15+h  rounded: weights of the head, to be used from p + 16 + h on
module attention (
    input  logic              clk,
    input  logic              score_valid,     // scores of eight positions come
    input  logic              score_half,      // of positions 8 to 15
    input  logic [3:0]        score_position,  // where the name stands
    input  logic [8*4*34-1:0] quarters,        // 8 positions x 4 heads
    input  logic              start,           // this is p
    input  logic [3:0]        start_position,
    output logic              z_valid,
    output logic [16*16-1:0]  z,               // in p + 1 + h
    input  logic [16*16-1:0]  powers,          // in p + 6 + h
    output logic [16*18-1:0]  vector_a,        // in p + 13 + h
    output logic [16*18-1:0]  vector_b,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [16*36-1:0]  products,        // in p + 15 + h
    // verilator lint_on UNUSEDSIGNAL
    input  logic              other_heads,     // 0: weights of heads 0 and 1; 1: of 2 and 3
    output logic [2*16*16-1:0] weights         // 2 heads x 16 positions, signed Q1.15
);
  // 1. Scores, saturated, and the largest of each head. They come in two halves, one after the other, always
  // in the same places, and the first moves on: so the largest is looked for in one place only.
  logic signed [31:0] score[4][16] /* verilator public_flat_rd */;
  logic signed [31:0] largest_of_four[4][4], next_of_four[4], largest;
  logic [1:0] came;  // in the cycle before: of which half
  always_ff @(posedge clk) begin
    came <= {score_valid && score_half, score_valid && !score_half};
    if (score_valid)
      for (int h = 0; h < 4; h++)
        for (int g = 0; g < 8; g++) begin
          score[h][8+g] <= ({score_half, 3'(g)} > score_position)
              ? 32'sh80000000 : fixed::saturate32(40'(signed'(quarters[34*(4*g+h)+:34])));
          score[h][g] <= score[h][8+g];
        end
    for (int h = 0; h < 4; h++)
      for (int half = 0; half < 2; half++)
        if (came[half])
          for (int pair = 0; pair < 2; pair++)
            largest_of_four[h][2*half+pair] <= fixed::largest4(
                score[h][8+4*pair], score[h][8+4*pair+1], score[h][8+4*pair+2],
                score[h][8+4*pair+3]);
    // The heads move on, too: the next one's four stand in the first place, or, where the last has just been
    // used, in the second.
    if (go[0]) for (int h = 0; h < 3; h++) largest_of_four[h] <= largest_of_four[h+1];
    largest <= fixed::largest4(next_of_four[0], next_of_four[1], next_of_four[2], next_of_four[3]);
  end

  // 2. How far below, a head a cycle. go[i] and head[i]: this is p + i + h, for head h.
  logic go[16];
  logic [1:0] head[16];
  logic [3:0] position;
  logic [1:0] at;  // the head of this cycle, or, before the first one, 0
  assign go[0] = start || at != 2'd0;
  assign head[0] = at;
  for (genvar i = 0; i < 4; i++) assign next_of_four[i] = largest_of_four[go[0] ? 1 : 0][i];
  always_ff @(posedge clk) begin
    if (go[0]) at <= at + 2'd1;  // 1, 2, 3, and 0 again
    if (start) position <= start_position;
    for (int i = 0; i < 15; i++) begin
      go[i+1] <= go[i];
      head[i+1] <= head[i];
    end
    for (int i = 0; i < 16; i++)
      z[16*i+:16] <= fixed::narrow_unsigned(
          {1'b0, fixed::below(largest, score[head[0]][i])}, model::ScoreShift);
  end
  assign z_valid = go[1];

  // 3. Powers, and their sum.
  logic [16*16-1:0] power[4] /* verilator public_flat_rd */;
  logic [16*16-1:0] seen;
  logic [17:0] quarter[4];
  logic [19:0] total;
  always_comb
    for (int i = 0; i < 16; i++)
      seen[16*i+:16] = (4'(i) > position) ? 16'd0 : powers[16*i+:16];
  always_ff @(posedge clk) begin
    if (go[6]) power[head[6]] <= seen;
    for (int q = 0; q < 4; q++)
      quarter[q] <= (18'(seen[64*q+:16]) + 18'(seen[64*q+16+:16]))
                  + (18'(seen[64*q+32+:16]) + 18'(seen[64*q+48+:16]));
    total <= (20'(quarter[0]) + 20'(quarter[1])) + (20'(quarter[2]) + 20'(quarter[3]));
  end

  // 4. Times the reciprocal of the sum.
  logic [2:0] extra_shift[7];  // extra_shift[i]: in p + 9 + i + h
  logic [15:0] mantissa;
  reciprocal divide (.clk, .d(total), .extra_shift(extra_shift[0]), .mantissa);
  for (genvar i = 0; i < 6; i++) begin : g_shift
    always_ff @(posedge clk) extra_shift[i+1] <= extra_shift[i];
  end
  always_comb
    for (int i = 0; i < 16; i++) begin
      vector_a[18*i+:18] = {2'b00, {16{go[13]}} & power[head[13]][16*i+:16]};
      vector_b[18*i+:18] = {2'b00, {16{go[13]}} & mantissa};
    end

  // 5. Rounded: a product is shifted right by 20 - extra_shift; 1 becomes 32767.
  logic [16*16-1:0] row;
  logic [16*16-1:0] of_even[2] /* verilator public_flat_rd */, of_odd[2] /* verilator public_flat_rd */;
  for (genvar i = 0; i < 16; i++) begin : g_weight
    logic [20:0] product;
    logic [17:0] rounded;
    assign product = 21'(products[36*i+15+:17]);
    assign rounded = 18'((product >> (3'd4 - extra_shift[6])) + 21'd1) >> 1;
    assign row[16*i+:16] = (rounded[17:15] != 3'd0) ? 16'h7fff : rounded[15:0];
  end
  always_ff @(posedge clk) begin
    if (go[15] && !head[15][0]) of_even[head[15][1]] <= row;
    if (go[15] && head[15][0]) of_odd[head[15][1]] <= row;
  end
  assign weights = {of_odd[other_heads], of_even[other_heads]};
endmodule
