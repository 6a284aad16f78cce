// The transformer as a circuit: 4,192 weights that never move, 148 multipliers, and a token that walks
// past them. Sources of the numbers, step by step: 07_fast_inference/fixed_point/q4_12.hpp.
//
//            +-----------+   +------+   +-----------+   +---------+
//   token -> | embedding | > | norm | > | workbench | > | engine  |  weights, keys, values
//     ^      +-----------+   +------+   +-----------+ < +---------+
//     |                         ^             |              | scores, logits
//     |      +---------+   +-------------+    |   +-----------+
//     +----- | sampler | - | vector unit | ---+-- | attention |
//            +---------+   +-------------+        +-----------+
//                               + exp_bank        the controller says when
module chip (
    input  logic        clk,
    input  logic        rst,  // synchronous; a name in the middle is forgotten
    // What to do; read while rst is high, so hold it still from then on.
    input  logic        interleaved,  // 0: stream 0 alone; 1: all four
    input  logic        greedy,       // temperature 0: the most likely token
    input  logic        teach,        // tokens come from in_*, not from the sampler
    input  logic [15:0] inverse_temperature,  // unsigned Q6.10
    input  logic [127:0] seeds,       // states of xorshift32, 32 bits a stream, none 0
    // Tokens to be fed, if teach: taken when both are high.
    input  logic        in_valid,
    output logic        in_ready,
    output logic [1:0]  in_stream,  // whose token it will be
    input  logic [4:0]  in_token,
    input  logic [3:0]  in_position,
    // Tokens drawn: given when both are high.
    output logic        out_valid,
    input  logic        out_ready,
    output logic [1:0]  out_stream,
    output logic [4:0]  out_token,  // 0 to 25: a letter; 26: BOS, the name's end
    output logic        out_end,    // the name ends with this token (BOS, or a 16th letter)
    // For whoever watches: logits of a token, for one cycle.
    output logic         logits_valid,
    output logic [1:0]   logits_stream,
    output logic [863:0] logits  // 27 x 32 bits
);
  // 1. When.
  logic [4:0] token, drawn;
  logic [3:0] position;
  logic norm1, norm2, norm3, takes_h1, takes_h2, powers_start, sample_start;
  logic [1:0] norm2_stream, powers_stream, sample_stream;
  fixed::command_t command;
  logic [15:0] positions;
  logic put, put_end;
  logic [1:0] put_stream;
  controller when (
      .clk, .rst, .interleaved, .teach, .in_valid, .in_ready, .in_stream, .in_token, .in_position,
      .token, .position, .norm1, .norm2, .norm3, .takes_h1, .takes_h2, .norm2_stream, .command,
      .powers(powers_start), .sample(sample_start), .powers_stream, .sample_stream, .positions,
      .drawn, .put, .put_stream, .put_end, .taken(out_valid && out_ready));

  // 2. Embedding and RMSNorm.
  logic [255:0] x0 /* verilator public_flat_rd */, norm_in, normed /* verilator public_flat_rd */;
  logic [255:0] x2 /* verilator public_flat_rd */;
  logic [287:0] norm_a, norm_b;
  logic [575:0] products;
  embedding embed (.clk, .token, .position, .x(x0));
  assign norm_in = norm1 ? x0 : norm2 ? normed : x2;
  norm rms (.clk, .start(norm1 || norm2 || norm3), .x(norm_in), .vector_a(norm_a),
            .vector_b(norm_b), .products, .normed);

  // 3. The engine, and the vectors it reads and writes.
  // verilator lint_off UNUSEDSIGNAL
  fixed::command_t command_b, command_score, command_residual, command_out;
  // verilator lint_on UNUSEDSIGNAL
  logic [511:0] b;
  logic [1087:0] quarters;
  logic [127:0] residual, results /* verilator public_flat_rd */;
  logic [255:0] row_logits;
  logic [511:0] attention_weights;
  engine matrices (
      .clk, .command, .command_b, .b, .command_score, .quarters, .command_residual, .residual,
      .command_out, .results, .logits(row_logits), .position(positions[4*command_out.stream+:4]));
  workbench bench (
      .clk, .normed, .takes_x1(norm2), .x1_stream(norm2_stream), .takes_h1, .takes_h2, .command_b,
      .weights(attention_weights), .b, .command_residual, .residual, .command_out, .results, .x2);

  // 4. Attention's softmax.
  logic attention_z_valid, sampler_z_valid;
  logic [255:0] attention_z, sampler_z, powers;
  logic [287:0] attention_a, attention_b, sampler_a, sampler_b, exp_a, exp_b;
  attention softmax (
      .clk, .score_valid(command_score.valid && command_score.op == fixed::OpScore),
      .score_half(command_score.index[0]), .score_position(positions[4*command_score.stream+:4]),
      .quarters, .start(powers_start), .start_position(positions[4*powers_stream+:4]),
      .z_valid(attention_z_valid), .z(attention_z), .powers, .vector_a(attention_a),
      .vector_b(attention_b), .products, .other_heads(command_b.index[0]),
      .weights(attention_weights));

  // 5. The sampler.
  // verilator lint_off UNUSEDSIGNAL
  logic [1023:0] all_logits;
  // verilator lint_on UNUSEDSIGNAL
  sampler draw (
      .clk, .rst, .greedy, .inverse_temperature, .seeds,
      .row_valid(command_out.valid && command_out.op == fixed::OpHead),
      .row(command_out.index[1:0]), .row_logits, .start(sample_start),
      .start_stream(sample_stream), .vector_a(sampler_a), .vector_b(sampler_b), .products,
      .z_valid(sampler_z_valid), .z(sampler_z), .powers, .logits(all_logits), .token(drawn));
  assign logits_valid = sample_start;
  assign logits_stream = sample_stream;
  assign logits = all_logits[863:0];

  // 6. What they share.
  exp_bank exponentials (
      .clk, .start(attention_z_valid || sampler_z_valid),
      .z(sampler_z_valid ? sampler_z : attention_z), .vector_a(exp_a), .vector_b(exp_b), .products,
      .powers);
  vector_unit #(.Users(4)) shared (
      .clk, .a({norm_a, attention_a, sampler_a, exp_a}), .b({norm_b, attention_b, sampler_b, exp_b}),
      .products);

  // 7. Out.
  token_fifo #(.Width(8)) queue (
      .clk, .rst, .put, .entry({put_stream, put_end, drawn}), .valid(out_valid), .ready(out_ready),
      .first({out_stream, out_end, out_token}));
endmodule
