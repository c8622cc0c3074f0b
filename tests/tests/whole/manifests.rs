//! What the packages' manifests say, held against what lies beside them.

use std::path::{Path, PathBuf};

use crate::template::root;

/// What makes a test of a function, as rustfmt writes it.
const MARKS: [&str; 3] = ["#[test]", "#[tokio::test", "proptest! {"];

/// A target whose manifest says `test = false` is not built for its own tests, which saves a third of a build: a test in it
/// would never run, and nobody would hear of it.
#[test]
fn no_test_lies_where_none_is_built() {
    let mut lost = Vec::new();
    for package in packages() {
        let manifest = std::fs::read_to_string(package.join("Cargo.toml")).expect("a manifest");
        let is_unbuilt = |section: &str| {
            let mut sections = manifest.split("\n[").filter(|text| text.starts_with(section));
            sections.any(|text| text.lines().any(|line| line == "test = false"))
        };
        let (library, program) = (is_unbuilt("lib]"), is_unbuilt("[bin]]"));
        for source in sources(&package.join("src")) {
            let unbuilt = if source.ends_with("src/main.rs") { program } else { library };
            let text = std::fs::read_to_string(&source).expect("a source");
            if unbuilt && MARKS.iter().any(|mark| text.contains(mark)) {
                lost.push(source);
            }
        }
    }
    assert!(lost.is_empty(), "these have tests that no build has: {lost:#?}");
}

/// The folders of all packages of the workspace.
fn packages() -> Vec<PathBuf> {
    let rooms = ["functions", "shared", "infra"].into_iter().flat_map(|room| entries(&root().join(room)));
    let found: Vec<PathBuf> =
        rooms.chain([root().join("tests")]).filter(|package| package.join("Cargo.toml").is_file()).collect();
    assert!(found.len() > 40, "only these packages are known: {found:#?}");
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries(folder).into_iter().partition(|entry| entry.is_dir());
    let below = folders.iter().flat_map(|folder| sources(folder));
    files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")).chain(below).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}
