//! The API's operations, from the documents of the functions that serve them.

use axum::Router;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use web::App;

/// A function with routes.
pub(crate) struct HttpFunction {
    /// Its binary's name.
    pub(crate) name: &'static str,
    /// What its routes say of themselves.
    pub(crate) document: fn() -> OpenApi,
    /// Its service.
    pub(crate) router: fn(App) -> Router,
}

/// All of them; [`crate::template`] compares them with the template's.
pub(crate) const HTTP: [HttpFunction; 19] = [
    HttpFunction { name: "activities", document: || web::document(activities::routes()), router: activities::router },
    HttpFunction { name: "sync", document: || web::document(sync::routes()), router: sync::router },
    HttpFunction { name: "analytics", document: || web::document(analytics::routes()), router: analytics::router },
    HttpFunction { name: "automation", document: || web::document(automation::routes()), router: automation::router },
    HttpFunction { name: "auth", document: || web::document(auth::routes()), router: auth::router },
    HttpFunction { name: "campaigns", document: || web::document(campaigns::routes()), router: campaigns::router },
    HttpFunction {
        name: "communications",
        document: || web::document(communications::routes()),
        router: communications::router,
    },
    HttpFunction { name: "documents", document: || web::document(documents::routes()), router: documents::router },
    HttpFunction { name: "audit", document: || web::document(audit::routes()), router: audit::router },
    HttpFunction { name: "users", document: || web::document(users::routes()), router: users::router },
    HttpFunction { name: "health", document: || web::document(health::routes()), router: health::router },
    HttpFunction { name: "leads", document: || web::document(leads::routes()), router: leads::router },
    HttpFunction {
        name: "organization",
        document: || web::document(organization::routes()),
        router: organization::router,
    },
    HttpFunction {
        name: "notifications",
        document: || web::document(notifications::routes()),
        router: notifications::router,
    },
    HttpFunction {
        name: "integrations",
        document: || web::document(integrations::routes()),
        router: integrations::router,
    },
    HttpFunction { name: "webhooks", document: || web::document(webhooks::routes()), router: webhooks::router },
    HttpFunction { name: "realtime", document: || web::document(realtime::routes()), router: realtime::router },
    HttpFunction {
        name: "webhook-endpoints",
        document: || web::document(webhook_endpoints::routes()),
        router: webhook_endpoints::router,
    },
    HttpFunction { name: "public", document: || web::document(public::routes()), router: public::router },
];

/// An operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// Its `operationId`.
    pub(crate) id: String,
    /// Its method, in capitals.
    pub(crate) method: String,
    /// Its path, without a stage, with `{names}`.
    pub(crate) path: String,
    /// The function that serves it.
    pub(crate) function: &'static str,
    /// Whether it needs no sign-in.
    pub(crate) public: bool,
    /// Whether it goes on by cursor.
    pub(crate) takes_cursor: bool,
}

impl Operation {
    /// The id of the operation that this one is another spelling of: PATCH is PUT.
    pub(crate) fn canonical(&self) -> &str {
        self.id.strip_suffix("_patch").unwrap_or(&self.id)
    }

    /// Its path with something in the place of each name. Of words separated by spaces each takes the place of the next
    /// name.
    pub(crate) fn filled(&self, with: &str) -> String {
        let mut words = with.split(' ').cycle();
        let mut part = |part: &str| match part {
            "{type}" => "leads".to_owned(),
            part if part.starts_with('{') => words.next().unwrap_or_default().to_owned(),
            part => part.to_owned(),
        };
        self.path.split('/').map(&mut part).collect::<Vec<_>>().join("/")
    }
}

/// The whole document, as the API serves it.
pub(crate) fn document() -> Value {
    let whole = web::finish(HTTP.iter().map(|function| (function.document)()));
    serde_json::to_value(whole).expect("a document is JSON")
}

#[test]
fn no_two_functions_mean_different_things_by_one_name() {
    let mut known: std::collections::BTreeMap<String, (&str, Value)> = std::collections::BTreeMap::new();
    let mut differ = Vec::new();
    for function in &HTTP {
        let document = serde_json::to_value((function.document)()).expect("a document is JSON");
        for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
            match known.get(name) {
                Some((other, same)) if same != schema => differ.push(format!("{name}: {other}, {}", function.name)),
                Some(_) => {}
                None => drop(known.insert(name.clone(), (function.name, schema.clone()))),
            }
        }
    }
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn walk(part: &Value, document: &Value, lost: &mut Vec<String>) {
        match part {
            Value::Object(members) => {
                if let Some(to) = members.get("$ref").and_then(Value::as_str)
                    && document.pointer(to.trim_start_matches('#')).is_none()
                {
                    lost.push(to.to_owned());
                }
                members.values().for_each(|member| walk(member, document, lost));
            }
            Value::Array(parts) => parts.iter().for_each(|part| walk(part, document, lost)),
            _ => {}
        }
    }
    let (document, mut lost) = (document(), Vec::new());
    walk(&document, &document, &mut lost);
    assert_eq!(lost, Vec::<String>::new());
}

/// Every operation of it.
pub(crate) fn operations() -> Vec<Operation> {
    let parts: Vec<(&str, Value)> = HTTP
        .iter()
        .map(|function| (function.name, serde_json::to_value((function.document)()).expect("a document is JSON")))
        .collect();
    let server = |path: &str| {
        let mut servers = parts.iter().filter(|(_, part)| part["paths"].get(path).is_some());
        let (name, _) = servers.next().expect("a path is some function's");
        assert!(servers.next().is_none(), "{path} is served by two functions");
        *name
    };
    let document = document();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("a document has paths") {
        for (method, operation) in item.as_object().expect("a path has operations") {
            let parameters = operation["parameters"].as_array();
            operations.push(Operation {
                id: operation["operationId"].as_str().expect("an operation has an id").to_owned(),
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                function: server(path),
                public: operation["security"].as_array().is_some_and(Vec::is_empty),
                takes_cursor: parameters.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "cursor")),
            });
        }
    }
    operations
}
