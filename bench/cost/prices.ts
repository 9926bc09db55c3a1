/** What AWS asks for in us-east-1, in USD, on demand: autumn 2026. */

/** In bytes. */
export const gigabyte = 2 ** 30;

export const prices = {
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  tableGbMonth: 0.25,
  /** Point-in-time recovery. */
  pitrGbMonth: 0.2,
  s3Put: 0.005e-3,
  s3Get: 0.0004e-3,
  s3GbMonth: 0.023,
  sqsRequest: 0.4e-6,
  sqsFifoRequest: 0.5e-6,
  snsPublish: 0.5e-6,
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 0.0000133334,
  logGb: 0.5,
  sesRecipient: 0.1e-3,
  sesGb: 0.12,
  dataOutGb: 0.09,
} as const;
