// The controller: a belt on which tokens travel. A token is put on it in cycle 0 and moves on by one
// place in every cycle, past the stations of timetable.sv; what stands before a station says what
// its unit does now. Nothing on the belt ever waits. What may have to wait is a token before it gets
// on: for its turn, for the reader of the chip, and for the token before it, of course. A stream that is
// alone takes some places of the belt at a jump.
module controller (
    input  logic            clk,
    input  logic            rst,
    input  logic            interleaved,
    input  logic            teach,
    // tokens to be fed, if teach
    input  logic            in_valid,
    output logic            in_ready,
    output logic [1:0]      in_stream,
    input  logic [4:0]      in_token,
    input  logic [3:0]      in_position,
    // to the embedding: what begins in this cycle
    output logic [4:0]      token,
    output logic [3:0]      position,
    // what is done in this cycle
    output logic            norm1, norm2, norm3, takes_h1, takes_h2,
    output logic [1:0]      norm2_stream,
    output fixed::command_t command,  // of the slot after the next
    output logic            powers, sample,
    output logic [1:0]      powers_stream, sample_stream,
    output logic [15:0]     positions,  // of each stream's token
    // the token drawn, in cycle Last
    input  logic [4:0]      drawn,
    output logic            put,
    output logic [1:0]      put_stream,
    output logic            put_end,
    input  logic            taken  // the reader took one
);
  // 1. The belt.
  logic [timetable::Last:1] on /* verilator public_flat_rd */, moved;  // on[c]: a token is in cycle c
  logic [2*timetable::Last+1:2] streams;  // streams[2 * c +: 2]: whose it is
  logic launch;
  logic [1:0] launched;
  always_comb begin
    moved = '0;
    moved[1] = launch;
    for (int c = 1; c < timetable::Last; c++)
      if (interleaved) moved[c+1] = on[c];
      else moved[timetable::after(c)] = moved[timetable::after(c)] | on[c];
  end
  always_ff @(posedge clk) begin
    on <= rst ? '0 : moved;
    streams <= rst ? '0 : {streams[2*timetable::Last-1:2], launched};
  end

  // 2. Where each stream stands: what it feeds next, and whether that waits.
  logic [4:0] next_token[4];
  logic [3:0] next_position[4], now_position[4];
  logic [3:0] waits;
  logic arrives, ends;
  logic [1:0] arrived;
  logic [4:0] token_after;
  logic [3:0] stands, position_after;  // stands: where the token was that arrives
  always_ff @(posedge clk) stands <= now_position[streams[2*(timetable::Last-1)+:2]];
  assign arrives = on[timetable::Last];
  assign arrived = streams[2*timetable::Last+:2];
  assign ends = drawn == 5'd26 || stands == 4'd15;
  assign token_after = ends ? 5'd26 : drawn;
  assign position_after = ends ? 4'd0 : stands + 4'd1;
  assign put = arrives;
  assign put_stream = arrived;
  assign put_end = ends;

  // 3. Launch. Interleaved: stream s may begin every 4 * Interval cycles, and Interval cycles after
  // stream s - 1. So tokens meet no other at any station. At most eight may be under way or in the
  // queue before the reader, which has eight places. After a reset the units finish what they have
  // begun, which takes up to 18 cycles, and nothing new may meet that: the first token waits 20.
  logic [4:0] settles;
  logic [5:0] minute;
  logic [1:0] turn;
  logic [3:0] owed;
  logic may, comes_just_now;
  assign launched = interleaved ? turn : 2'd0;
  assign comes_just_now = arrives && arrived == launched;
  assign may = !rst && (waits[launched] || comes_just_now) && (!interleaved || minute == 6'd0)
             && owed < 4'd8 && settles == 5'd0;
  assign launch = may && (!teach || in_valid);
  assign in_ready = may && teach;
  assign in_stream = launched;
  assign token = teach ? in_token : comes_just_now ? token_after : next_token[launched];
  assign position = teach ? in_position : comes_just_now ? position_after : next_position[launched];
  always_ff @(posedge clk)
    if (rst) begin
      settles <= 5'(timetable::Settling);
      minute <= 6'(timetable::Interval - timetable::Settling - 1);  // so that stream 0's minute comes then
      turn <= 2'd3;
      owed <= 4'd0;
      waits <= 4'b1111;
      for (int s = 0; s < 4; s++) begin
        next_token[s] <= 5'd26;
        next_position[s] <= 4'd0;
      end
    end else begin
      if (settles != 5'd0) settles <= settles - 5'd1;
      minute <= (minute == 6'(timetable::Interval - 1)) ? 6'd0 : minute + 6'd1;
      if (minute == 6'(timetable::Interval - 1)) turn <= turn + 2'd1;
      owed <= owed + 4'(launch) - 4'(taken);
      if (arrives) begin
        waits[arrived] <= 1'b1;
        next_token[arrived] <= token_after;
        next_position[arrived] <= position_after;
      end
      if (launch) begin
        waits[launched] <= 1'b0;
        now_position[launched] <= position;
      end
    end
  for (genvar s = 0; s < 4; s++) assign positions[4*s+:4] = now_position[s];

  // 4. The stations.
  assign norm1 = on[timetable::Norm1];
  assign norm2 = on[timetable::Norm2];
  assign norm3 = on[timetable::Norm3];
  assign norm2_stream = streams[2*timetable::Norm2+:2];
  assign takes_h1 = on[timetable::Norm2+12];
  assign takes_h2 = on[timetable::Norm3+12];
  assign powers = on[timetable::Powers];
  assign powers_stream = streams[2*timetable::Powers+:2];
  assign sample = on[timetable::Sample];
  assign sample_stream = streams[2*timetable::Sample+:2];

  // A slot of the engine is announced two cycles before.
  localparam int Slots = 32;
  logic [6:0] what[Slots];
  logic [2:0] here[Slots];  // valid and stream
  `define SLOT(n, minute, op, row) \
    assign what[n] = {op, 3'(row)}; \
    assign here[n] = {on[(minute)-2], streams[2*((minute)-2)+:2]};
  `SLOT(0, timetable::Key0, fixed::OpKey, 0)
  `SLOT(1, timetable::Key1, fixed::OpKey, 1)
  `SLOT(2, timetable::Query0, fixed::OpQuery, 0)
  `SLOT(3, timetable::Query1, fixed::OpQuery, 1)
  `SLOT(4, timetable::Score0, fixed::OpScore, 0)
  `SLOT(5, timetable::Score1, fixed::OpScore, 1)
  `SLOT(6, timetable::Value0, fixed::OpValue, 0)
  `SLOT(7, timetable::Value1, fixed::OpValue, 1)
  `SLOT(8, timetable::Attend0, fixed::OpAttend, 0)
  `SLOT(9, timetable::Attend1, fixed::OpAttend, 1)
  `SLOT(10, timetable::Mix0, fixed::OpMix, 0)
  `SLOT(11, timetable::Mix1, fixed::OpMix, 1)
  for (genvar i = 0; i < 8; i++) begin : g_up
    `SLOT(12+i, timetable::Up+i, fixed::OpUp, i)
  end
  `SLOT(20, timetable::Down0, fixed::OpDown, 0)
  `SLOT(21, timetable::Down1, fixed::OpDown, 1)
  `SLOT(22, timetable::Down2, fixed::OpDown, 2)
  `SLOT(23, timetable::Down3, fixed::OpDown, 3)
  `SLOT(24, timetable::Down4, fixed::OpDown, 4)
  `SLOT(25, timetable::Down5, fixed::OpDown, 5)
  `SLOT(26, timetable::Down6, fixed::OpDown, 6)
  `SLOT(27, timetable::Down7, fixed::OpDown, 7)
  for (genvar i = 0; i < 4; i++) begin : g_head
    `SLOT(28+i, timetable::Head+i, fixed::OpHead, i)
  end
  always_comb begin
    command = '0;
    for (int n = 0; n < Slots; n++)
      if (here[n][2]) command = command | {1'b1, what[n], here[n][1:0]};
  end

`ifdef FORMAL
  // What holds of the controller whatever happens around it; proved with a shorter belt, whose length
  // it does not know (formal/controller_proof.sv). `queued` is what the reader's queue must hold.
  logic was_reset;
  initial was_reset = 1'b0;
  logic [7:0] queued, under_way;
  logic [31:0] travels;  // how many of stream s: 8 bits each
  always_comb begin
    under_way = 8'd0;
    travels = 32'd0;
    for (int c = 1; c <= timetable::Last; c++) begin
      under_way = under_way + 8'(on[c]);
      for (int s = 0; s < 4; s++)
        travels[8*s+:8] = travels[8*s+:8] + 8'(on[c] && streams[2*c+:2] == 2'(s));
    end
  end
  always_ff @(posedge clk) begin
    was_reset <= was_reset || rst;
    queued <= rst ? 8'd0 : queued + 8'(put) - 8'(taken);
    assume (!taken || queued != 8'd0);  // nobody takes from an empty queue
    assume (!rst || !taken);
    if (was_reset) begin
      // Eight places are enough: a token is put only where there is room.
      assert (8'(owed) == under_way + queued && owed <= 4'd8 && queued <= 8'd8);
      assert (!put || queued < 8'd8 || rst);
      // A stream either waits or has a token under way, so it never has two and never none.
      for (int s = 0; s < 4; s++) assert (travels[8*s+:8] == (waits[s] ? 8'd0 : 8'd1));
      // Alone, nobody stands where tokens jump over, and all are stream 0's.
      assert (interleaved || streams == '0);
      for (int c = 1; c < timetable::Last; c++)
        for (int over = c + 1; over < timetable::after(c); over++)
          assert (interleaved || !on[over]);
      // No standstill: with nothing under way and nothing queued, a token begins, at once or, if
      // streams are interleaved, in the next minute 0, which always comes. (After a reset it first
      // settles, which ends: every cycle takes one off.)
      assert (settles <= 5'(timetable::Settling));
      if (under_way == 8'd0 && queued == 8'd0 && !rst && settles == 5'd0) begin
        if (minute == 6'd0) assert (may);
        if (!interleaved) assert (may);
      end
      assert (minute < 6'(timetable::Interval));
    end
  end
`endif
endmodule
