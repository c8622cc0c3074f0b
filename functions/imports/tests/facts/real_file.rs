//! A real file of 9,240 leads, with a worker that dies again and again.

use std::path::PathBuf;
use std::time::Instant;

use crate::support::{Desk, account_for, options};
use domain::job::Tally;
use standins::Fault;
use testkit::Trap;

const ROWS: u32 = 9_240;

/// The file, or `None` where this machine has no folder of real files; then CI fails.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn leads() -> Option<Vec<u8>> {
    let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder =
        std::env::var_os("SAMPARK_SHARED_DATA").map_or_else(|| PathBuf::from(beside_the_repository), PathBuf::from);
    if !folder.is_dir() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{} is missing", folder.display());
        eprintln!("skipped: {} is not a folder", folder.display());
        return None;
    }
    Some(std::fs::read(folder.join("education-leads.csv")).expect("the folder holds the file"))
}

#[tokio::test(start_paused = true)]
async fn the_real_file_survives_twenty_deaths() {
    let Some(file) = leads() else { return };
    let mut states = Vec::new();
    for deaths in [0, 20] {
        let begun = Instant::now();
        let trap = Trap::default();
        let desk = Desk { rows_a_chunk: 500, ..Desk::with_faults(trap.faults()).await };
        let id = desk.hand_in(&file, options()).await;
        // An import of this file is about 370 writes.
        let kinds = [Fault::CrashBefore, Fault::CrashAfter];
        trap.kill((0..deaths).map(|n| (3 + n * 17 + n * n % 7, kinds[usize::from(n % 2 == 0)])));
        let job = desk.finish(id).await;
        trap.revive();
        let imported = begun.elapsed();
        desk.world.settle().await;
        assert_eq!(account_for(&job, ROWS), Tally { created: ROWS, ..Tally::default() });
        states.push(desk.everything().await);
        eprintln!("{deaths} deaths: {imported:?}, with all that follows {:?}", begun.elapsed());
    }
    assert!(states[0] == states[1], "the deaths show in the result");
}
