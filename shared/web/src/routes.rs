//! A function's routes, each with its document, of which only the first half is built where it is deployed: the
//! document costs a function milliseconds of its start and megabytes of its binary, and nobody asks it for that.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, Route as AxumRoute};
use tower::{Layer, Service};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::App;

/// The operations of a path; made by [`routes!`](crate::routes).
#[derive(Debug)]
pub struct Route {
    path: String,
    methods: MethodRouter<App>,
    #[cfg(feature = "document")]
    document: fn() -> UtoipaMethodRouter<App>,
}

impl Route {
    /// What [`routes!`](crate::routes) makes. Without the feature `document` the last argument is dropped, and with it
    /// all that the document is made from.
    #[doc(hidden)]
    pub fn new(
        (path, methods): (String, MethodRouter<App>),
        #[cfg_attr(not(feature = "document"), expect(unused_variables, reason = "see above"))]
        document: fn() -> UtoipaMethodRouter<App>,
    ) -> Self {
        Self {
            path,
            methods,
            #[cfg(feature = "document")]
            document,
        }
    }
}

/// A function's routes.
#[derive(Debug, Default)]
pub struct Routes {
    router: Router<App>,
    #[cfg(feature = "document")]
    documents: Vec<fn() -> UtoipaMethodRouter<App>>,
}

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With the operations of one more path.
    #[must_use]
    pub fn routes(mut self, route: Route) -> Self {
        self.router = self.router.route(&route.path, route.methods);
        #[cfg(feature = "document")]
        self.documents.push(route.document);
        self
    }

    /// With a path that is no part of the API.
    #[must_use]
    pub fn route(mut self, path: &str, methods: MethodRouter<App>) -> Self {
        self.router = self.router.route(path, methods);
        self
    }

    /// With the routes of another module.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        #[cfg(feature = "document")]
        self.documents.extend(other.documents);
        self
    }

    /// With something around them.
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<AxumRoute> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.router = self.router.layer(layer);
        self
    }

    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }

    #[cfg(feature = "document")]
    pub(crate) fn into_documents(self) -> Vec<fn() -> UtoipaMethodRouter<App>> {
        self.documents
    }
}

/// The operations of one path, by their functions.
#[macro_export]
macro_rules! routes {
    ($($($part:ident)::+),+ $(,)?) => {
        $crate::Route::new(
            {
                use $crate::__routes::PathItemExt as _;
                let mut path = ::std::string::String::new();
                let methods = $crate::__routes::MethodRouter::new();
                $(
                    path.clear();
                    path.push_str(&$crate::__routes::routes!(@path [path()] of $($part)::+));
                    let methods = $crate::__routes::routes!(@path [methods()] of $($part)::+)
                        .iter()
                        .fold(methods, |methods, method| methods.on(method.to_method_filter(), $($part)::+));
                )+
                (path, methods)
            },
            || $crate::__routes::routes!($($($part)::+),+),
        )
    };
}

/// What [`routes!`](crate::routes) needs where it is used.
#[doc(hidden)]
pub mod __routes {
    pub use axum::routing::MethodRouter;
    pub use utoipa_axum::{PathItemExt, routes};
}
