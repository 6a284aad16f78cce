// Starts a program behind limits that it cannot lift again.
//
//   launcher CPU_SECONDS MEMORY_MB FILE_KB FILTER PROGRAM ARGUMENTS…
//
// FILTER says which system calls are left (Linux, seccomp): "strict", those of a calculation:
// reading and writing what is open already, memory, the clock, the end; "loose", all but those of
// the network, of new processes and of other processes; "none", all.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#ifdef __linux__
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace {

bool limit(int what, rlim_t value) {
  const rlimit both{value, value};
  return setrlimit(static_cast<decltype(RLIMIT_CPU)>(what), &both) == 0;
}

#ifdef __linux__
#if defined(__x86_64__)
constexpr unsigned architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned architecture = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned architecture = 0;
#endif

const std::vector<unsigned> calculation = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_close,
    SYS_fstat,
    SYS_lseek,
    SYS_mmap,
    SYS_mprotect,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_getpid,
    SYS_gettid,
    SYS_tgkill,
    SYS_exit,
    SYS_exit_group,
    SYS_execve,
    SYS_set_tid_address,
    SYS_set_robust_list,
    SYS_futex,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_clock_gettime,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_prlimit64,
    SYS_readlinkat,
    SYS_newfstatat,
    SYS_getrusage,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_arch_prctl
    SYS_arch_prctl,
    SYS_readlink,
    SYS_time,
#endif
};

const std::vector<unsigned> harm = {
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_ptrace,
    SYS_kill,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_mount,
    SYS_umount2,
    SYS_unshare,
    SYS_setns,
    SYS_bpf,
    SYS_keyctl,
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
};

void add(std::vector<sock_filter>& code, unsigned short operation, unsigned value,
         unsigned char yes = 0, unsigned char no = 0) {
  code.push_back({operation, yes, no, value});
}

bool filter(bool strict) {
  if (architecture == 0) return false;
  const unsigned short load = BPF_LD | BPF_W | BPF_ABS, equal = BPF_JMP | BPF_JEQ | BPF_K,
                       end = BPF_RET | BPF_K, any = BPF_JMP | BPF_JSET | BPF_K;
  std::vector<sock_filter> code;
  add(code, load, offsetof(seccomp_data, arch));
  add(code, equal, architecture, 1, 0);
  add(code, end, SECCOMP_RET_KILL_PROCESS);
  add(code, load, offsetof(seccomp_data, nr));
  for (const unsigned call : strict ? calculation : harm) {
    add(code, equal, call, 0, 1);
    add(code, end, strict ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
  }
  if (strict) {
    add(code, end, SECCOMP_RET_KILL_PROCESS);
  } else {
    // clone3's arguments cannot be looked at; the C library then takes clone, where a thread may.
    add(code, equal, SYS_clone3, 0, 1);
    add(code, end, SECCOMP_RET_ERRNO | ENOSYS);
    add(code, equal, SYS_clone, 0, 3);
    add(code, load, offsetof(seccomp_data, args[0]));
    add(code, any, CLONE_THREAD, 1, 0);
    add(code, end, SECCOMP_RET_KILL_PROCESS);
    add(code, end, SECCOMP_RET_ALLOW);
  }
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
bool filter(bool) { return false; }
#endif

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  const auto number = [&](int i) {
    return static_cast<rlim_t>(std::strtoul(argv[i], nullptr, 10));
  };
  bool ready = limit(RLIMIT_CPU, number(1)) && limit(RLIMIT_FSIZE, number(3) * 1024) &&
               limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 256);
#ifdef __linux__
  ready = ready && limit(RLIMIT_AS, number(2) << 20);
#endif
  if (!ready) std::perror("launcher: no limits");
  const bool strict = std::strcmp(argv[4], "strict") == 0;
  if (ready && std::strcmp(argv[4], "none") != 0 && !filter(strict)) {
    std::fputs("launcher: this system cannot filter system calls\n", stderr);
    ready = false;
  }
  if (!ready) return 125;
  execvp(argv[5], argv + 5);
  std::perror("launcher");
  return 126;
}
