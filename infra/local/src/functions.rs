//! The code behind the template's functions: the one list of it, which a test compares with the template.

use std::pin::Pin;
use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use axum::Router;
use events::StreamEvent;
use messages::Messages;
use providers::inbound::sns::SnsWeb;
use providers::{Outside, PushService, Reach, TextSender, WebhookCaller};
use pushes::Pushes;
use runtime::Platform;
use serde::Deserialize as _;
use serde_json::Value;
use sockets::{SocketAnswer, Sockets};
use web::{App, Routes};

/// What a call of a worker becomes.
pub(crate) type Reply<T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send>>;
/// A worker for queues.
pub(crate) type QueueWorker = Arc<dyn Fn(SqsEvent) -> Reply<SqsBatchResponse> + Send + Sync>;
/// A worker for streams: takes an event and names the sequence numbers that failed.
pub(crate) type StreamWorker = Arc<dyn Fn(Value) -> Reply<Vec<String>> + Send + Sync>;
/// A worker for the clock.
pub(crate) type ClockWorker = Arc<dyn Fn(Value) -> Reply<()> + Send + Sync>;

/// A worker for the WebSocket API.
pub(crate) type SocketWorker = Arc<dyn Fn(ApiGatewayWebsocketProxyRequest) -> Reply<SocketAnswer> + Send + Sync>;

/// The clients a function may have beside the table's.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) ses: aws_sdk_ses::Client,
    pub(crate) texts: Arc<dyn TextSender>,
    pub(crate) pushes: Arc<dyn PushService>,
    pub(crate) webhooks: Arc<dyn WebhookCaller>,
    pub(crate) reach: Reach,
    pub(crate) sockets: providers::Sockets,
    pub(crate) outside: Outside,
    pub(crate) sns: Arc<dyn SnsWeb>,
}

/// The code of one function.
pub(crate) struct Registered {
    /// The binary of the same name.
    pub(crate) binary: &'static str,
    /// Its clients, as its `main` wires them.
    pub(crate) wire: fn(Platform, &Clients) -> Platform,
    pub(crate) code: Code,
}

/// What kind of function it is.
pub(crate) enum Code {
    /// Answers requests.
    Http { routes: fn() -> Routes, router: fn(App) -> Router, prepare: fn(Platform) -> Reply<()> },
    /// Answers what is said on open connections.
    Sockets(fn(Platform) -> SocketWorker),
    /// Works through a queue.
    Queue(fn(Platform) -> QueueWorker),
    /// Follows a stream.
    Stream(fn(Platform) -> StreamWorker),
    /// Is called by the clock.
    Clock(fn(Platform) -> ClockWorker),
}

/// Every function. Those that others depend on while they start stand first.
pub(crate) const ALL: [Registered; 30] = [
    Registered {
        binary: "auth",
        wire: alone,
        code: Code::Http {
            routes: auth::routes,
            router: auth::router,
            prepare: |platform| {
                Box::pin(async move { auth::prepare(&platform).await.map_err(|error| error.to_string()) })
            },
        },
    },
    Registered { binary: "organization", wire: alone, code: http(organization::routes, organization::router) },
    Registered {
        binary: "notifications",
        wire: |platform, clients| platform.with_broadcasts(clients.sqs.clone()),
        code: http(notifications::routes, notifications::router),
    },
    Registered {
        binary: "automation",
        wire: |platform, clients| platform.with_automations(clients.sqs.clone()),
        code: http(automation::routes, automation::router),
    },
    Registered {
        binary: "webhook-endpoints",
        wire: |platform, clients| platform.with_webhook_deliveries(clients.sqs.clone()).with_reach(clients.reach),
        code: http(webhook_endpoints::routes, webhook_endpoints::router),
    },
    Registered {
        binary: "campaigns",
        wire: |platform, clients| platform.with_launches(clients.sqs.clone()),
        code: http(campaigns::routes, campaigns::router),
    },
    Registered {
        binary: "documents",
        wire: |platform, clients| platform.with_files(clients.s3.clone()),
        code: http(documents::routes, documents::router),
    },
    Registered { binary: "users", wire: alone, code: http(users::routes, users::router) },
    Registered {
        binary: "communications",
        wire: |platform, clients| platform.with_outside(clients.outside.clone()),
        code: http(communications::routes, communications::router),
    },
    Registered { binary: "audit", wire: alone, code: http(audit::routes, audit::router) },
    Registered {
        binary: "leads",
        wire: |platform, clients| platform.with_files(clients.s3.clone()).with_jobs(clients.sqs.clone()),
        code: http(leads::routes, leads::router),
    },
    Registered {
        binary: "integrations",
        wire: |platform, clients| platform.with_files(clients.s3.clone()).with_provider_inbox(clients.sqs.clone()),
        code: http(integrations::routes, integrations::router),
    },
    Registered {
        binary: "webhooks",
        wire: |platform, clients| {
            let platform = platform.with_files(clients.s3.clone()).with_provider_inbox(clients.sqs.clone());
            platform.with_sns(clients.sns.clone())
        },
        code: http(webhooks::routes, webhooks::router),
    },
    Registered { binary: "realtime", wire: alone, code: http(realtime::routes, realtime::router) },
    Registered { binary: "activities", wire: alone, code: http(activities::routes, activities::router) },
    Registered { binary: "sync", wire: alone, code: http(sync::routes, sync::router) },
    Registered { binary: "public", wire: alone, code: http(public::routes, public::router) },
    Registered { binary: "analytics", wire: alone, code: http(analytics::routes, analytics::router) },
    Registered { binary: "health", wire: alone, code: http(health::routes, health::router) },
    Registered {
        binary: "events",
        wire: |platform, clients| {
            let sqs = || clients.sqs.clone();
            let platform = platform.with_messages(sqs()).with_automations(sqs()).with_launches(sqs());
            platform.with_realtime(sqs()).with_webhook_deliveries(sqs()).with_files(clients.s3.clone())
        },
        code: Code::Stream(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move {
                    let event = StreamEvent::deserialize(event).map_err(|error| error.to_string())?;
                    let failures = events::handle(&platform, event).await.batch_item_failures;
                    Ok(failures.into_iter().map(|failure| failure.item_identifier).collect())
                })
            })
        }),
    },
    Registered {
        binary: "automations",
        wire: |platform, clients| {
            platform.with_automations(clients.sqs.clone()).with_webhooks(clients.webhooks.clone())
        },
        code: Code::Queue(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move { Ok(automations::handle(&platform, event).await) })
            })
        }),
    },
    Registered {
        binary: "webhook-deliveries",
        wire: |platform, clients| {
            platform.with_webhook_deliveries(clients.sqs.clone()).with_webhooks(clients.webhooks.clone())
        },
        code: Code::Queue(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move { Ok(webhook_deliveries::handle(&platform, event).await) })
            })
        }),
    },
    Registered {
        binary: "sockets",
        wire: alone,
        code: Code::Sockets(|platform| {
            let sockets = Arc::new(Sockets::new(platform));
            Arc::new(move |event| {
                let sockets = Arc::clone(&sockets);
                Box::pin(async move { Ok(sockets.handle(&event).await) })
            })
        }),
    },
    Registered {
        binary: "pushes",
        wire: |platform, clients| platform.with_realtime(clients.sqs.clone()).with_sockets(clients.sockets.clone()),
        code: Code::Queue(|platform| {
            let pushes = Arc::new(Pushes::new(platform));
            Arc::new(move |event| {
                let pushes = Arc::clone(&pushes);
                Box::pin(async move { Ok(pushes.handle(event).await) })
            })
        }),
    },
    Registered {
        binary: "broadcasts",
        wire: |platform, clients| platform.with_broadcasts(clients.sqs.clone()),
        code: Code::Queue(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move { Ok(broadcasts::handle(&platform, event).await) })
            })
        }),
    },
    Registered {
        binary: "launches",
        wire: |platform, clients| platform.with_launches(clients.sqs.clone()),
        code: Code::Queue(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move { Ok(launches::handle(&platform, event).await) })
            })
        }),
    },
    Registered {
        binary: "imports",
        wire: |platform, clients| platform.with_files(clients.s3.clone()).with_jobs(clients.sqs.clone()),
        code: Code::Queue(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move { Ok(imports::handle(&platform, event).await) })
            })
        }),
    },
    Registered {
        binary: "messages",
        // On AWS there is no provider of text messages yet; here the outbox is one.
        wire: |platform, clients| {
            let platform = platform.with_mail(&clients.ses).with_texts(clients.texts.clone());
            let platform = platform.with_pushes(clients.pushes.clone()).with_outside(clients.outside.clone());
            platform.with_files(clients.s3.clone())
        },
        code: Code::Queue(|platform| {
            let messages = Arc::new(Messages::new(platform));
            Arc::new(move |event| {
                let messages = Arc::clone(&messages);
                Box::pin(async move { Ok(messages.handle(event).await) })
            })
        }),
    },
    Registered {
        binary: "provider-inbox",
        wire: |platform, clients| {
            let platform = platform.with_files(clients.s3.clone()).with_outside(clients.outside.clone());
            platform.with_sns(clients.sns.clone()).with_provider_inbox(clients.sqs.clone())
        },
        code: Code::Queue(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move { Ok(provider_inbox::handle(&platform, event).await) })
            })
        }),
    },
    Registered {
        binary: "tick",
        wire: |platform, clients| {
            let platform = platform.with_jobs(clients.sqs.clone()).with_messages(clients.sqs.clone());
            let platform = platform.with_broadcasts(clients.sqs.clone()).with_launches(clients.sqs.clone());
            let platform = platform.with_automations(clients.sqs.clone());
            platform.with_provider_inbox(clients.sqs.clone()).with_webhook_deliveries(clients.sqs.clone())
        },
        code: Code::Clock(|platform| {
            Arc::new(move |event| {
                let platform = platform.clone();
                Box::pin(async move { tick::handle(&platform, &event).await.map_err(|error| error.to_string()) })
            })
        }),
    },
];

fn alone(platform: Platform, _: &Clients) -> Platform {
    platform
}

const fn http(routes: fn() -> Routes, router: fn(App) -> Router) -> Code {
    Code::Http { routes, router, prepare: |_| Box::pin(async { Ok(()) }) }
}

/// The names of all functions.
pub fn registered() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|registered| registered.binary)
}
