//! Which function a request goes to, by API Gateway's rules.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use http::Method;

use crate::template::Route;

/// The routes of the API, as a tree of path parts.
#[derive(Debug)]
pub struct Routes<T> {
    root: Part<T>,
}

#[derive(Debug)]
struct Part<T> {
    /// What stands here for a path that ends here.
    ends: Methods<T>,
    /// What follows, by its exact text.
    fixed: BTreeMap<String, Part<T>>,
    /// `{name}`: one part of any text.
    one: Option<Box<(String, Part<T>)>>,
    /// `{name+}`: all parts that follow, at least one.
    rest: Option<(String, Methods<T>)>,
}

#[derive(Debug)]
struct Methods<T> {
    named: HashMap<Method, Target<T>>,
    any: Option<Target<T>>,
}

#[derive(Debug)]
struct Target<T> {
    key: Arc<str>,
    to: T,
}

/// Where a request goes.
#[derive(Debug)]
pub struct Matched<'a, T> {
    /// What the route leads to.
    pub to: &'a T,
    /// The route as API Gateway names it: `ANY /leads/{proxy+}`.
    pub key: &'a Arc<str>,
    /// The path's variables.
    pub parameters: Vec<(&'a str, String)>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { ends: Methods::default(), fixed: BTreeMap::new(), one: None, rest: None }
    }
}

impl<T> Default for Methods<T> {
    fn default() -> Self {
        Self { named: HashMap::new(), any: None }
    }
}

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self { root: Part::default() }
    }
}

/// Two routes are the same, or a path cannot be one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Another route has the same method and path.
    #[error("two routes are {0}")]
    Twice(String),
    /// Nothing may follow `{name+}`, and variables in one place have one name.
    #[error("{0} cannot be a route")]
    Path(String),
}

impl<T> Routes<T> {
    /// Adds a route.
    pub fn add(&mut self, route: &Route, to: T) -> Result<(), RouteError> {
        let Route { method, path } = route;
        let key = format!("{} {path}", method.as_ref().map_or("ANY", Method::as_str));
        let bad = || RouteError::Path(path.clone());
        let mut part = &mut self.root;
        let mut parts = path.trim_start_matches('/').split('/').peekable();
        let methods = loop {
            let Some(text) = parts.next() else { break &mut part.ends };
            match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
                Some(name) => match name.strip_suffix('+') {
                    Some(name) if parts.peek().is_none() => {
                        let (known, methods) = part.rest.get_or_insert_with(|| (name.to_owned(), Methods::default()));
                        if known != name {
                            return Err(bad());
                        }
                        break methods;
                    }
                    Some(_) => return Err(bad()),
                    None => {
                        let next = part.one.get_or_insert_with(|| Box::new((name.to_owned(), Part::default())));
                        if next.0 != name {
                            return Err(bad());
                        }
                        part = &mut next.1;
                    }
                },
                None => part = part.fixed.entry(text.to_owned()).or_default(),
            }
        };
        let target = Target { key: key.as_str().into(), to };
        let before = match method {
            Some(method) => methods.named.insert(method.clone(), target),
            None => methods.any.replace(target),
        };
        if before.is_some() { Err(RouteError::Twice(key)) } else { Ok(()) }
    }

    /// The route of a request: a full match before `{name}`, that before `{name+}`; within a path its own
    /// method before any.
    pub fn find(&self, method: &Method, path: &str) -> Option<Matched<'_, T>> {
        let mut parameters = Vec::new();
        let target = self.root.find(method, path.strip_prefix('/')?, &mut parameters)?;
        Some(Matched { to: &target.to, key: &target.key, parameters })
    }
}

impl<T> Part<T> {
    fn find<'a>(
        &'a self,
        method: &Method,
        path: &str,
        variables: &mut Vec<(&'a str, String)>,
    ) -> Option<&'a Target<T>> {
        let (text, left) = path.split_once('/').map_or((path, None), |(text, left)| (text, Some(left)));
        let beyond = |part: &'a Self, variables: &mut Vec<(&'a str, String)>| match left {
            Some(left) => part.find(method, left, variables),
            None => part.ends.get(method),
        };
        if let Some(found) = self.fixed.get(text).and_then(|part| beyond(part, variables)) {
            return Some(found);
        }
        if let Some((name, part)) = self.one.as_deref().filter(|_| !text.is_empty()) {
            variables.push((name, text.to_owned()));
            if let Some(found) = beyond(part, variables) {
                return Some(found);
            }
            variables.pop();
        }
        let (name, methods) = self.rest.as_ref().filter(|_| !path.is_empty())?;
        let found = methods.get(method)?;
        variables.push((name, path.to_owned()));
        Some(found)
    }
}

impl<T> Methods<T> {
    fn get(&self, method: &Method) -> Option<&Target<T>> {
        self.named.get(method).or(self.any.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(all: &[&'static str]) -> Routes<&'static str> {
        let mut routes = Routes::default();
        for key in all {
            let (method, path) = key.split_once(' ').expect("a method and a path");
            let method = (method != "ANY").then(|| method.parse().expect("a method"));
            routes.add(&Route { method, path: path.to_owned() }, *key).expect("a route of its own");
        }
        routes
    }

    fn found(routes: &Routes<&'static str>, method: &str, path: &str) -> Option<&'static str> {
        routes.find(&method.parse().expect("a method"), path).map(|matched| *matched.to)
    }

    #[test]
    fn the_more_exact_route_wins() {
        let routes = routes(&["ANY /leads/{proxy+}", "ANY /leads/{id}", "ANY /leads/search", "GET /leads/search"]);
        assert_eq!(found(&routes, "GET", "/leads/search"), Some("GET /leads/search"));
        assert_eq!(found(&routes, "POST", "/leads/search"), Some("ANY /leads/search"));
        assert_eq!(found(&routes, "GET", "/leads/lead_1"), Some("ANY /leads/{id}"));
        assert_eq!(found(&routes, "GET", "/leads/lead_1/history"), Some("ANY /leads/{proxy+}"));
    }

    #[test]
    fn a_route_of_another_method_leaves_the_path_to_a_wider_route() {
        let routes = routes(&["GET /leads/{id}", "ANY /leads/{proxy+}"]);
        assert_eq!(found(&routes, "DELETE", "/leads/lead_1"), Some("ANY /leads/{proxy+}"));
    }

    #[test]
    fn a_dead_end_is_left_again() {
        let routes = routes(&["ANY /a/b/c", "ANY /{x}/b/d"]);
        let matched = routes.find(&Method::GET, "/a/b/d").expect("found");
        assert_eq!((*matched.to, matched.parameters), ("ANY /{x}/b/d", vec![("x", "a".to_owned())]));
    }

    #[test]
    fn a_greedy_variable_takes_the_rest_and_never_nothing() {
        let routes = routes(&["ANY /leads/{proxy+}"]);
        let matched = routes.find(&Method::GET, "/leads/a/b//c").expect("found");
        assert_eq!(matched.parameters, [("proxy", "a/b//c".to_owned())]);
        assert_eq!(matched.key.as_ref(), "ANY /leads/{proxy+}");
        assert_eq!(found(&routes, "GET", "/leads"), None);
        assert_eq!(found(&routes, "GET", "/leads/"), None);
        assert_eq!(found(&routes, "GET", "/leadsx"), None);
    }

    #[test]
    fn routes_that_contradict_each_other_are_refused() {
        let mut routes = routes(&["ANY /leads/{id}"]);
        let mut add = |path: &str| routes.add(&Route { method: None, path: path.to_owned() }, "");
        assert_eq!(add("/leads/{id}"), Err(RouteError::Twice("ANY /leads/{id}".to_owned())));
        assert_eq!(add("/leads/{other}/x"), Err(RouteError::Path("/leads/{other}/x".to_owned())));
        assert_eq!(add("/x/{proxy+}/y"), Err(RouteError::Path("/x/{proxy+}/y".to_owned())));
    }
}
