#include "common/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.hpp"

namespace ladder {
namespace {

namespace fs = std::filesystem;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void write_bytes(const std::string& path, std::string_view bytes) {
  File file(std::fopen(path.c_str(), "wb"), std::fclose);
  bool written = file && std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  int reason = errno;
  if (file && std::fclose(file.release()) != 0 && written) {
    written = false;
    reason = errno;
  }
  if (!written) throw Error(fmt::format("cannot write {}: {}", path, std::strerror(reason)));
}

}  // namespace

std::string read_file(const std::string& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (status.type() == fs::file_type::not_found) {
    throw Error(fmt::format("{}: no such file; check the path", path));
  }
  if (fs::is_directory(status)) {
    throw Error(fmt::format("{} is a directory; name a file in it", path));
  }
  File file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) throw Error(fmt::format("cannot open {}: {}", path, std::strerror(errno)));

  std::string bytes;
  char chunk[1 << 16];
  while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, file.get())) {
    bytes.append(chunk, count);
    if (bytes.size() > max_file_bytes) {
      throw Error(fmt::format("{} is larger than {} MiB; is it the right file?", path,
                              max_file_bytes >> 20));
    }
  }
  if (std::ferror(file.get())) throw Error(fmt::format("cannot read {} to its end", path));
  return bytes;
}

void write_file(const std::string& path, std::string_view bytes) {
  std::error_code code;
  if (fs::exists(path, code) && !fs::is_regular_file(path, code)) return write_bytes(path, bytes);

  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  try {
    write_bytes(temporary, bytes);
    fs::rename(temporary, path);
  } catch (const std::exception& error) {
    fs::remove(temporary, code);
    throw Error(fmt::format("{}; {} is unchanged", error.what(), path));
  }
}

}  // namespace ladder
