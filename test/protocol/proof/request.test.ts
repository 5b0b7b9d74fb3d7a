import { expect, test } from 'vitest'
import { BlobMissingError } from '../../../db/errors.ts'
import { BLOB_MISSING } from '../../../protocol/proof/request.ts'

test('the failure that makes a workflow plan anew has the name of an error of db/', () => {
  expect(new BlobMissingError('0x01').name).toBe(BLOB_MISSING)
})
