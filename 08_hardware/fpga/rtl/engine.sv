// The engine: eight dot products of 16 numbers begin in every cycle. All matrices go through it,
// and attention's keys and values, too. The weights never move: a row of 8 x 16 of them stands
// beside the multipliers when its turn comes.
//
// A command that comes in cycle t - 2 takes the slot t:
//   t - 2  the row's address goes to the weight memory
//   t - 1  weights, or a row of the KV memory: into the register `a`
//   t      a and the inputs `b` into the multipliers
//   t + 2  products; sums of four (attention's scores are ready)
//   t + 3  sums of 16, + half a unit for rounding, or + the sum so far (mlp_fc2)
//   t + 4  shifted, saturated, ReLU, residual: `results`
module engine (
    input  logic                clk,
    input  fixed::command_t     command,       // in t - 2
    output fixed::command_t     command_b,     // in t: the inputs of this slot
    input  logic [2*256-1:0]    b,             // in t: 16 for groups 0 to 3, 16 for groups 4 to 7
    output fixed::command_t     command_score, // in t + 2
    output logic [8*4*34-1:0]   quarters,      // in t + 2
    output fixed::command_t     command_residual,  // in t + 3
    input  logic [8*16-1:0]     residual,      // in t + 4: what OpMix and OpDown are added to
    output fixed::command_t     command_out,   // in t + 4
    output logic [8*16-1:0]     results,       // in t + 4
    output logic [8*32-1:0]     logits,        // in t + 4, if OpHead
    input  logic [3:0]          position       // of command_out's stream
);
  // 1. The command, stage by stage.
  // verilator lint_off UNUSEDSIGNAL
  fixed::command_t stage0, stage1, stage2, stage3, stage4, stage5, stage6;  // in t - 1 to t + 5
  // verilator lint_on UNUSEDSIGNAL
  assign command_b = stage1;
  assign command_score = stage3;
  assign command_residual = stage4;
  assign command_out = stage5;
  always_ff @(posedge clk) begin
    stage0 <= command;
    stage1 <= stage0;
    stage2 <= stage1;
    stage3 <= stage2;
    stage4 <= stage3;
    stage5 <= stage4;
    stage6 <= stage5;
  end

  // 2. Weights, or keys and values.
  logic [4:0] weight_row;
  always_comb
    case (command.op)
      fixed::OpKey:   weight_row = 5'd0 + 5'(command.index);
      fixed::OpQuery: weight_row = 5'd2 + 5'(command.index);
      fixed::OpValue: weight_row = 5'd4 + 5'(command.index);
      fixed::OpMix:   weight_row = 5'd6 + 5'(command.index);
      fixed::OpUp:    weight_row = 5'd8 + 5'(command.index);
      fixed::OpDown:  weight_row = 5'd16 + 5'(command.index);
      default:        weight_row = 5'd24 + 5'(command.index[1:0]);
    endcase
  logic [2047:0] weights, past, a;
  rom #(.Width(2048), .Depth(28), .File("weights.hex")) weight_rom (
      .clk, .address(weight_row), .word(weights));
  kv_memory kv (
      .clk,
      .write(stage6.valid && (stage6.op == fixed::OpKey || stage6.op == fixed::OpValue)),
      .write_value(stage6.op == fixed::OpValue),
      .write_half(stage6.index[0]),
      .write_stream(stage6.stream),
      .write_position(written_position),
      .numbers(written),
      .read_row({stage0.stream, stage0.op == fixed::OpAttend, stage0.index[0]}),
      .row(past)
  );
  always_ff @(posedge clk)
    a <= (stage0.op == fixed::OpScore || stage0.op == fixed::OpAttend) ? past : weights;

  // 3. Products and sums, shifts and saturation: eight alike.
  for (genvar group = 0; group < 8; group++) begin : g_group
    // verilator lint_off UNUSEDSIGNAL
    logic [10:0] adding, narrowing;  // what is done in t + 3, and in t + 4
    // verilator lint_on UNUSEDSIGNAL
    hints before_sum (.clk, .command(stage3), .known(adding));
    hints before_shift (.clk, .command(stage4), .known(narrowing));
    logic accumulates, relu, adds, is_key;
    assign accumulates = adding[fixed::OpDown] && adding[fixed::Later];
    assign relu = narrowing[fixed::OpUp];
    assign adds = narrowing[fixed::OpMix] || narrowing[fixed::OpDown];
    assign is_key = narrowing[fixed::OpKey];

    logic signed [35:0] sum;
    dot16 dot (
        .clk,
        .a(a[256*group+:256]),
        .b(b[256*(group/4)+:256]),
        .quarters(quarters[4*34*group+:4*34]),
        .sum
    );

    // Half a unit, with which each sum begins; mlp_fc2's go on where the last one stopped.
    logic signed [39:0] so_far[2], begins, total;
    assign begins = accumulates ? so_far[adding[fixed::Half]] : half_of(adding[8:0]);
    always_ff @(posedge clk) begin
      total <= 40'(sum) + begins;
      if (adding[fixed::OpDown]) so_far[adding[fixed::Half]] <= 40'(sum) + begins;
    end

`ifdef FORMAL
    // No accumulator is cut: with 8 bits more it comes out the same. (formal/engine_proof.sv. All groups
    // are alike, so one is looked at.)
    if (group == 0) begin : g_proof
      logic signed [47:0] wide_so_far[2], wide_begins, wide_total;
      logic signed [39:0] bound[2];
      assign bound[0] = {3'd0, parts[0], 34'd0};
      assign bound[1] = {3'd0, parts[1], 34'd0};
      logic signed [39:0] half_of_down;
      assign half_of_down = 40'sd1 <<< (model::DownShift - 1);
      assign wide_begins = accumulates ? wide_so_far[adding[fixed::Half]] : 48'(half_of(adding[8:0]));
      // The group's registers say what the engine's say, if they did when all began.
      logic consistent;
      always_comb begin
        consistent = adding[fixed::Later] == (stage4.index[2:1] != 2'd0)
                   && adding[fixed::Half] == stage4.index[0];
        for (int op = 0; op < 9; op++)
          if (adding[op] != (stage4.valid && stage4.op == 4'(op))) consistent = 1'b0;
      end
      always_ff @(posedge clk) begin
        if (begun[0]) assert (consistent);
        else assume (consistent);
        wide_total <= 48'(sum) + wide_begins;
        if (adding[fixed::OpDown]) wide_so_far[adding[fixed::Half]] <= 48'(sum) + wide_begins;
        if (stage5.valid && begun[2]) assert (wide_total == 48'(total));
        for (int half = 0; half < 2; half++)
          if (parts[half] != 3'd0) begin
            assert (wide_so_far[half] == 48'(so_far[half]));
            assert (so_far[half] <= bound[half] + half_of_down);
            assert (so_far[half] >= -bound[half]);
          end
      end
    end
`endif

    logic signed [15:0] narrow, kept;
    assign narrow = fixed::saturate16(shifted(narrowing[8:0], total));
    assign kept = (relu && narrow[15]) ? 16'sd0 : (is_key && narrow == 16'sh8000) ? 16'sh8001 : narrow;
    assign results[16*group+:16] =
        adds ? fixed::saturate16(40'(narrow) + 40'(signed'(residual[16*group+:16]))) : kept;
    assign logits[32*group+:32] = fixed::saturate32(total);
  end

  function automatic int shift_of(input logic [3:0] op);
    case (op)
      fixed::OpKey: shift_of = model::KeyShift;
      fixed::OpQuery: shift_of = model::QueryShift;
      fixed::OpValue: shift_of = model::ValueShift;
      fixed::OpMix: shift_of = model::MixedShift;
      fixed::OpUp: shift_of = model::HiddenShift;
      fixed::OpDown: shift_of = model::DownShift;
      fixed::OpAttend: shift_of = 15;
      default: shift_of = 0;
    endcase
  endfunction

  // One bit of is_op is set, so an OR of what would be done for each is what is done.
  function automatic logic signed [39:0] half_of(input logic [8:0] is_op);
    half_of = 40'sd0;
    for (int op = 0; op < 9; op++)
      if (is_op[op] && shift_of(4'(op)) != 0)
        half_of = half_of | (40'sd1 <<< (shift_of(4'(op)) - 1));
  endfunction

  function automatic logic signed [39:0] shifted(input logic [8:0] is_op,
                                                 input logic signed [39:0] n);
    shifted = 40'sd0;
    for (int op = 0; op < 9; op++) if (is_op[op]) shifted = shifted | (n >>> shift_of(4'(op)));
  endfunction

  // 4. A new key or value is written a cycle later.
  logic [8*16-1:0] written;
  logic [3:0] written_position;
  always_ff @(posedge clk) begin
    written <= results;
    written_position <= position;
  end

`ifdef FORMAL
  // mlp_fc2's sums have four parts, one after the other: so the timetable has it.
  logic [2:0] parts[2];  // in so_far
  logic [2:0] begun;
  initial begin
    begun = 3'd0;
    parts[0] = 3'd0;
    parts[1] = 3'd0;
  end
  always_ff @(posedge clk) begin
    begun <= {begun[1:0], 1'b1};
    if (stage4.valid && stage4.op == fixed::OpDown) begin
      parts[stage4.index[0]] <= {1'b0, stage4.index[2:1]} + 3'd1;
      if (stage4.index[2:1] != 2'd0) assume (parts[stage4.index[0]] == {1'b0, stage4.index[2:1]});
    end
    assert (parts[0] <= 3'd4 && parts[1] <= 3'd4);
  end
`endif
endmodule
