#!/usr/bin/env bash
# Software: @temporalio/worker and @temporalio/client 1.24.0, a raw call over Connection and over NativeConnection.
# Guess:    a client works alike over both connections, as both are taken; who tells the client's `ServiceError` from
#           others finds the gRPC status in its `cause`, as the client puts it there.
# Seen:     over a Connection a refused raw call throws the error of gRPC, which is no `ServiceError` of the client.
#           Over a NativeConnection it throws a class of the bridge that passes for the client's `ServiceError` by
#           `instanceof` and has no `cause`: the status is on the error itself. `isGrpcServiceError` is true for both.
# Why it matters: code that reads `error.cause.code` of a ServiceError takes a namespace that is missing, or a login
#           that is refused, for a server that is away, as soon as it is given a worker's connection.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund @temporalio/worker@1.24.0 @temporalio/client@1.24.0 @grpc/grpc-js@1.14.7
cat > see.js <<'JS'
import grpc from '@grpc/grpc-js'
import { Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'

// A server that knows its capabilities and no namespace: each answer is empty, which protobuf reads as all defaults.
const bytes = { requestSerialize: (b) => b, requestDeserialize: (b) => b, responseSerialize: (b) => b, responseDeserialize: (b) => b }
const method = (name) => ({ path: `/temporal.api.workflowservice.v1.WorkflowService/${name}`, requestStream: false, responseStream: false, ...bytes })
const server = new grpc.Server()
server.addService(
  { GetSystemInfo: method('GetSystemInfo'), DescribeNamespace: method('DescribeNamespace') },
  {
    GetSystemInfo: (_, answer) => answer(null, Buffer.alloc(0)),
    DescribeNamespace: (_, answer) => answer({ code: grpc.status.NOT_FOUND, details: 'no such namespace' }),
  },
)
const port = await new Promise((resolve, reject) =>
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port))),
)
const seen = {}
for (const [name, kind] of Object.entries({ Connection, NativeConnection })) {
  const connection = await kind.connect({ address: `127.0.0.1:${port}` })
  const client = new Client({ connection })
  const error = await client.workflowService.describeNamespace({ namespace: 'nowhere' }).then(() => null, (error) => error)
  seen[name] = {
    isServiceError: error instanceof ServiceError,
    isGrpcServiceError: isGrpcServiceError(error),
    code: error.code ?? null,
    codeOfCause: error.cause?.code ?? null,
  }
  await connection.close()
}
console.log(seen)
const expected = {
  Connection: { isServiceError: false, isGrpcServiceError: true, code: 5, codeOfCause: null },
  NativeConnection: { isServiceError: true, isGrpcServiceError: true, code: 5, codeOfCause: null },
}
const isSame = JSON.stringify(seen) === JSON.stringify(expected)
console.log(isSame ? 'as described: one call, two kinds of errors' : 'CHANGED')
server.forceShutdown()
process.exit(isSame ? 0 : 1)
JS
node see.js
