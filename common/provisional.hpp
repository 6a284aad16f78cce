#pragma once
#include "common/terminal.hpp"
#include "common/corpus.hpp"
namespace ladder {
inline std::string tidy_name(std::string_view t){ return t.empty()? "" : parse_corpus(t,"x").rows.at(0);}
inline std::string shown_name(std::string_view t){ return t.empty()? "·" : std::string(t);}
inline std::string padded_right(std::string t,std::size_t n){ auto w=display_width(t); return t+std::string(n>w?n-w:0,' ');}
}
