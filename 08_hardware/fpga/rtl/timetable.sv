// The chip's timetable: a token enters in cycle 0, and every step has its minute. No step waits for
// a signal; whoever reads this file knows what happens when.
//
// A number is the cycle in which a slot of a unit is taken: inputs are ready in that cycle, and the
// multipliers take them at its end. A result of the engine can be used five cycles after its slot.
//
// Several streams run at a time, Interval cycles apart, on the same units. So no two slots of a unit
// may be equal modulo Interval; test_timetable.cpp checks that, and that nothing is used before it
// is there.
package timetable;

  localparam int Interval = 36;  // cycles from one stream's token to the next stream's

  localparam int Norm1 = 1;   // x1 = norm(embedding)
  localparam int Norm2 = 13;  // h1 = norm(x1)
  localparam int Key0 = 26;
  localparam int Key1 = 27;
  localparam int Query0 = 28;
  localparam int Query1 = 29;
  localparam int Score0 = 34;
  localparam int Score1 = 35;
  localparam int Value0 = 39;
  localparam int Value1 = 40;
  localparam int Powers = 40;  // four slots, one for each head
  localparam int Attend0 = 57;
  localparam int Attend1 = 59;
  localparam int Mix0 = 66;
  localparam int Mix1 = 67;
  localparam int Norm3 = 72;  // h2 = norm(x2)
  localparam int Up = 85;     // eight slots, one after the other
  localparam int Down0 = 94;
  localparam int Down1 = 96;
  localparam int Down2 = 97;
  localparam int Down3 = 104;
  localparam int Down4 = 105;
  localparam int Down5 = 108;
  localparam int Down6 = 109;
  localparam int Down7 = 110;
  localparam int Head = 115;    // four slots
  localparam int Sample = 128;  // two slots: logits 0 to 15, the others
  localparam int Last = 144;    // the token is there: cycle 0 of the next
  localparam int Settling = 20;  // after a reset the first token waits until all units have run empty

  // One stream alone has nobody to make room for. Its token jumps over the cycles in which it would
  // only wait: after cycle c comes cycle after(c), which makes 129 instead of 144. (A slot of the
  // engine is announced two cycles before: hence the twos.)
  function automatic int after(input int c);
    case (c)
      Attend1 + 2: after = Mix0 - 2;
      Up + 5:      after = Down0 - 2;
      Down0 - 2:   after = Down1 - 2;
      Down2 - 2:   after = Down3 - 2;
      Down4 - 2:   after = Down5 - 2;
      Head + 1:    after = Head + 5;
      default:     after = c + 1;
    endcase
  endfunction

endpackage
