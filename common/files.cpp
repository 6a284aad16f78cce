#include "common/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/shipped.hpp"

namespace ladder {
namespace {

namespace fs = std::filesystem;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Both throw an Error that holds only the reason.
void write_bytes(const std::string& path, std::string_view bytes) {
  File file(std::fopen(path.c_str(), "wb"), std::fclose);
  bool written = file && std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  int reason = errno;
  if (file && std::fclose(file.release()) != 0 && written) {
    written = false;
    reason = errno;
  }
  if (!written) throw Error(std::strerror(reason));
}

void rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw Error(std::strerror(errno));
}

bool may_write(const std::string& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

// The regular file to be replaced or made; nothing if the path is to be written directly (a device,
// a pipe, a link that leads nowhere yet).
std::optional<std::string> replaceable(const std::string& path) {
  std::error_code code;
  if (!fs::exists(path, code)) {
    if (fs::is_symlink(path, code)) return std::nullopt;
    return path;
  }
  if (!fs::is_regular_file(path, code)) return std::nullopt;
  // A rename would put a new file in place of one that its owner has protected.
  if (!may_write(path)) throw Error(std::strerror(errno));
  return fs::canonical(path).string();
}

std::string temporary_name(const std::string& path) {
  return fmt::format("{}.{}.tmp", path, ::getpid());
}

void replace_file(const std::string& path, std::string_view bytes) {
  const std::string temporary = temporary_name(path);
  std::error_code code;
  try {
    write_bytes(temporary, bytes);
    const fs::file_status old = fs::status(path, code);
    if (fs::exists(old)) fs::permissions(temporary, old.permissions(), code);
    rename_file(temporary, path);
  } catch (...) {
    fs::remove(temporary, code);
    throw;
  }
}

[[noreturn]] void fail_to_write(const std::string& path, const std::exception& error) {
  std::error_code code;
  const bool kept = fs::is_regular_file(path, code);
  throw Error(fmt::format("cannot write {}: {}{}", path, error.what(),
                          kept ? "; the file is unchanged" : ""));
}

std::string read_all(std::FILE* file, const std::string& name) {
  std::string bytes;
  char chunk[1 << 16];
  while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, file)) {
    bytes.append(chunk, count);
    if (bytes.size() > max_file_bytes) {
      throw Error(fmt::format("{} is larger than {} MiB; is it the right file?", name,
                              max_file_bytes >> 20));
    }
  }
  if (std::ferror(file)) throw Error(fmt::format("cannot read {} to its end", name));
  return bytes;
}

}  // namespace

std::string read_file(const std::string& path) {
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  if (status.type() == fs::file_type::not_found) {
    throw Error(fmt::format("{}: no such file; {}", path, advice_on_missing(path)));
  }
  if (fs::is_directory(status)) {
    throw Error(fmt::format("{} is a directory; name a file in it", path));
  }
  const File file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) throw Error(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  return read_all(file.get(), path);
}

std::string read_standard_input() { return read_all(stdin, "standard input"); }

void write_file(const std::string& path, std::string_view bytes) {
  try {
    const auto target = replaceable(path);
    target ? replace_file(*target, bytes) : write_bytes(path, bytes);
  } catch (const std::exception& error) {
    fail_to_write(path, error);
  }
}

void check_writable(const std::string& path) {
  try {
    std::error_code code;
    if (const auto target = replaceable(path)) {
      const std::string temporary = temporary_name(*target);
      write_bytes(temporary, "");
      fs::remove(temporary, code);
    } else if (fs::is_directory(path, code)) {
      throw Error(std::strerror(EISDIR));
    } else if (fs::exists(path, code) && !may_write(path)) {
      throw Error(std::strerror(errno));
    }
  } catch (const std::exception& error) {
    fail_to_write(path, error);
  }
}

}  // namespace ladder
