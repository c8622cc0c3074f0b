//! What the kernel counts: processor time, resident memory.

use std::time::Duration;

/// The kernel tells processor time in hundredths of a second, whatever its own tick is (`man 5 proc_pid_stat`).
const TICK: Duration = Duration::from_millis(10);

/// The machine in a few words.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("{cores} cores of {model}, {}, load {load} at the start.", std::env::consts::ARCH)
}

/// Processor time of this process, all its threads together.
pub(crate) fn process() -> Duration {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in brackets, may hold anything; what is counted stands behind it.
    let fields = told.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u32 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// Processor time of the calling thread.
pub(crate) fn thread() -> Duration {
    scheduled("/proc/thread-self/schedstat")
}

/// Processor time of another process, all its threads together.
pub(crate) fn of(pid: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.map(|task| scheduled(&task.path().join("schedstat").to_string_lossy())).sum()
}

/// Resident memory of another process in megabytes.
pub(crate) fn resident(pid: u32) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kilobytes = line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
    kilobytes.unwrap_or_default() * 1_024.0 / 1e6
}

/// The first number of a `schedstat`: nanoseconds on a processor.
fn scheduled(path: &str) -> Duration {
    let told = std::fs::read_to_string(path).unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_of_this_process() {
        // A thread that has just begun may not have been charged for a tick yet: it works until it is.
        let begun = std::time::Instant::now();
        while thread() == Duration::ZERO {
            assert!(begun.elapsed() < Duration::from_secs(10), "no processor time in ten seconds of work");
        }
        assert!(of(std::process::id()) > Duration::ZERO);
        assert!(resident(std::process::id()) > 0.5);
    }
}
