//! Paths: what stands before a route, and what API Gateway makes of escapes.

use percent_encoding::percent_decode_str;

/// The names under which the API is reached; the stage's own is the template's. Longer ones first.
const ALIASES: [&str; 2] = ["/api/v1", "/api"];

/// A path of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiPath {
    /// The whole path, what stands before the route included, as events carry it.
    pub whole: String,
    /// Where the route begins in it.
    at: usize,
}

/// A path's escapes are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText;

impl ApiPath {
    /// Reads a request's path; `None` if it leads somewhere else. An HTTP API undoes the escapes of a path before
    /// it looks for a route and before it calls the function, and drops what follows a question mark among them.
    pub fn read(raw: &str, stage: &str) -> Result<Option<Self>, NotText> {
        let Some(at) = prefix(raw, stage) else { return Ok(None) };
        let mut whole = percent_decode_str(raw).decode_utf8().map_err(|_| NotText)?.into_owned();
        if let Some(mark) = whole.find('?') {
            whole.truncate(mark);
        }
        Ok(Some(Self { whole, at }))
    }

    /// The part that is looked for among the routes.
    pub fn route(&self) -> &str {
        &self.whole[self.at..]
    }
}

/// How long the stage or the alias before the route is.
fn prefix(raw: &str, stage: &str) -> Option<usize> {
    let own = raw.strip_prefix('/').and_then(|rest| rest.strip_prefix(stage));
    if own.is_some_and(|rest| rest.starts_with('/')) {
        return Some(stage.len() + 1);
    }
    ALIASES
        .iter()
        .find(|alias| raw.strip_prefix(**alias).is_some_and(|rest| rest.starts_with('/')))
        .map(|alias| alias.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Option<(String, String)> {
        let path = ApiPath::read(raw, "v1").expect("text")?;
        Some((path.whole.clone(), path.route().to_owned()))
    }

    #[test]
    fn the_stage_and_its_aliases_stand_before_the_route() {
        let owned = |whole: &str, route: &str| Some((whole.to_owned(), route.to_owned()));
        assert_eq!(read("/v1/leads"), owned("/v1/leads", "/leads"));
        assert_eq!(read("/api/leads"), owned("/api/leads", "/leads"));
        assert_eq!(read("/api/v1/leads"), owned("/api/v1/leads", "/leads"));
        assert_eq!(read("/outbox"), None);
        assert_eq!(read("/v1"), None);
        assert_eq!(read("/v12/leads"), None);
        assert_eq!(read("/apiary/leads"), None);
    }

    #[test]
    fn escapes_are_undone_before_a_route_is_looked_for() {
        assert_eq!(read("/v1/leads/a%20b%2Fc").map(|read| read.1), Some("/leads/a b/c".to_owned()));
        assert_eq!(read("/v1/leads/x%3Fadmin=1").map(|read| read.1), Some("/leads/x".to_owned()));
        assert_eq!(ApiPath::read("/v1/leads/%FF", "v1"), Err(NotText));
    }
}
