//! The OpenAPI 3.1 document, made from the code.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr,
    Required, ResponseBuilder, Schema, ServerBuilder,
};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;

use crate::{FieldProblem, ProblemBody, Routes};

/// The document of one function's routes.
pub fn document(routes: Routes) -> OpenApi {
    let documented = routes.into_documents().into_iter().map(|document| document());
    documented.fold(OpenApiRouter::new(), OpenApiRouter::routes).into_openapi()
}

/// The document of the whole API: the functions' documents merged, with what all operations share.
pub fn finish(parts: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Sampark")
        .description(Some(
            "One CRM backend for fund distributors, tele-callers, admissions, cotton trade and renewals.",
        ))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()))
        .build();
    let mut document = OpenApiBuilder::new()
        .info(info)
        .servers(Some(["/v1", "/api", "/api/v1"].map(|url| ServerBuilder::new().url(url).build())))
        .components(Some(shared()))
        .build();
    for part in parts {
        document.merge(part);
    }
    let schemas = document.components.as_ref().map(|components| components.schemas.clone()).unwrap_or_default();
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            complete(method, operation);
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                without_need(body, &schemas);
            }
        }
        item.patch = item.put.as_ref().map(patch_of);
    }
    document.paths.paths = document.paths.paths.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
    document
}

/// An absent body is read as `{}`, so it is needed only where one of its fields is.
fn without_need(body: &mut RequestBody, schemas: &BTreeMap<String, RefOr<Schema>>) {
    let [(kind, RefOr::T(content))] = body.content.iter().collect::<Vec<_>>()[..] else { return };
    if kind == "application/json" && content.schema.as_ref().is_some_and(|schema| !needs_fields(schema, schemas)) {
        body.required = Some(Required::False);
    }
}

fn needs_fields(schema: &RefOr<Schema>, schemas: &BTreeMap<String, RefOr<Schema>>) -> bool {
    match schema {
        RefOr::Ref(to) => to
            .ref_location
            .rsplit('/')
            .next()
            .and_then(|name| schemas.get(name))
            .is_none_or(|schema| needs_fields(schema, schemas)),
        RefOr::T(Schema::Object(object)) => !object.required.is_empty(),
        RefOr::T(Schema::AllOf(all)) => all.items.iter().any(|schema| needs_fields(schema, schemas)),
        RefOr::T(_) => true,
    }
}

fn refusal_of_the_gateway() -> Schema {
    let message = ObjectBuilder::new().schema_type(Type::String).build();
    let object = ObjectBuilder::new().schema_type(Type::Object).property("message", message).required("message");
    Schema::Object(object.build())
}

fn shared() -> utoipa::openapi::Components {
    let problem = ResponseBuilder::new()
        .description("Something was not as it should be: RFC 9457, every wrong field named.")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
        )
        // API Gateway has words of its own for what it refuses before a function is asked: a path that no route has, more
        // requests than it takes, a function that gives up.
        .content("application/json", ContentBuilder::new().schema(Some(refusal_of_the_gateway())).build())
        .build();
    let bearer = SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The `access_token` of `POST /auth/login`."))
            .build(),
    );
    ComponentsBuilder::new()
        .schema("Problem", ProblemBody::schema())
        .schema(FieldProblem::name(), FieldProblem::schema())
        .response("Problem", problem)
        .security_scheme("bearer", bearer)
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("put", item.put.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

/// PATCH is the same operation as PUT, under a name of its own.
fn patch_of(put: &Operation) -> Operation {
    let mut patch = put.clone();
    patch.operation_id = patch.operation_id.map(|id| format!("{id}_patch"));
    patch
}

/// What every operation has without saying so: problems, sign-in (unless it says `security(())`), and
/// the headers of its method.
fn complete(method: &str, operation: &mut Operation) {
    operation.responses.responses.insert("default".to_owned(), Ref::from_response_name("Problem").into());
    let public = operation.security.as_ref().is_some_and(|security| !security.is_empty());
    operation.security =
        Some(if public { Vec::new() } else { vec![SecurityRequirement::new("bearer", Vec::<String>::new())] });
    let header = match method {
        "post" => (
            "Idempotency-Key",
            "The same key with the same body gets the same answer again, for 24 hours.",
            "^[!-~]{1,255}$",
        ),
        "put" | "patch" | "delete" => {
            ("If-Match", "The ETag of what you saw; 412 where it has changed since.", r#"^(\*|"[0-9]{1,19}")$"#)
        }
        _ => return,
    };
    let parameter = ParameterBuilder::new()
        .name(header.0)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(header.1))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some(header.2)).build()))
        .build();
    operation.parameters.get_or_insert_default().push(parameter.into());
}
