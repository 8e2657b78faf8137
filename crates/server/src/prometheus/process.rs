//! What the process takes, where the system tells: on Linux, in `/proc`.

use std::fs;

use spacewatch_telemetry::Exposition;

use super::families as of;

/// Parts of a second that Linux counts processor time in, whatever the machine.
const TICKS: f64 = 100.0;
/// Places in `/proc/self/stat` behind the name: processor time, threads, address space, pages held.
const USER: usize = 11;
const SYSTEM: usize = 12;
const THREADS: usize = 17;
const VIRTUAL: usize = 20;

/// Writes it; nothing where the system doesn't tell.
pub(super) fn write(page: &mut Exposition) {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else {
        return;
    };
    // The name may hold spaces and brackets; what follows it holds none.
    let fields: Vec<f64> = stat
        .rsplit_once(')')
        .map(|(_, fields)| fields.split_whitespace())
        .into_iter()
        .flatten()
        .map(|field| field.parse().unwrap_or(0.0))
        .collect();
    let field = |place: usize| fields.get(place).copied();
    if let Some((user, system)) = field(USER).zip(field(SYSTEM)) {
        page.number(&of::CPU, (user + system) / TICKS);
    }
    let numbers = [
        (&of::RESIDENT, resident()),
        (&of::VIRTUAL, field(VIRTUAL)),
        (&of::THREADS, field(THREADS)),
        (&of::OPEN_FILES, open_files()),
    ];
    for (family, number) in numbers {
        if let Some(number) = number {
            page.number(family, number);
        }
    }
}

/// From `VmRSS`, which counts in kibibytes and not in pages, whose size differs.
fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1_024.0)
}

fn open_files() -> Option<f64> {
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    u32::try_from(open).ok().map(f64::from)
}
