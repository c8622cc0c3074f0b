//! Meta's lists, a page at a time: <https://developers.facebook.com/docs/graph-api/results>.

use serde::Deserialize;

/// The longest place in a list.
const MAX_PLACE: usize = 1_000;

/// A page of a list as Meta writes it.
#[derive(Deserialize)]
pub(crate) struct Told<T> {
    pub(crate) data: Vec<T>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    /// There only where there is more.
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl<T> Told<T> {
    /// What is on it, and Meta's place behind it where there is more.
    pub(crate) fn parts(self) -> (Vec<T>, Option<String>) {
        let more = self.paging.filter(|paging| paging.next.is_some()).and_then(|paging| paging.cursors);
        (self.data, more.and_then(|cursors| cursors.after).filter(|place| place.len() <= MAX_PLACE))
    }
}

/// What asks for a page: so many at most, of these fields, behind a place.
pub(crate) fn query(fields: &str, limit: usize, after: Option<&str>, more: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("fields", fields).append_pair("limit", &limit.to_string());
    query.extend_pairs(more);
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    query.finish()
}
