-- NaN, infinities, negative zero, denormals and the RealFloat functions. Catches an FPU state
-- (rounding, exceptions not masked) that the entry code set wrong.
module Main (main) where

main :: IO ()
main = do
  let inf = 1 / 0 :: Double
      nan = 0 / 0 :: Double
  print [inf, -inf, nan, inf - inf, 0 * inf, sqrt (-1), log 0, log (-1), inf / inf]
  print (nan == nan, nan < 1, compare 1 nan, max 1 nan, minimum [nan, 1])
  print (isNaN nan, isInfinite inf, isNegativeZero (-0.0 :: Double), isDenormalized (5e-324 :: Double), -0.0 == (0 :: Double))
  print (map decodeFloat [1, 0.1, -3.75, 5e-324 :: Double], decodeFloat (0.1 :: Float))
  print (map exponent [1, 1024, 0.001 :: Double], map significand [12, -0.3 :: Double], scaleFloat 10 (1.5 :: Double))
  print (encodeFloat 1 2000 :: Double, encodeFloat 3 (-1074) :: Double)
  print (floatDigits (1 :: Double), floatRange (1 :: Double), floatRadix (1 :: Float))
  print (1e308 * 10 :: Double, 5e-324 / 2 :: Double, 1e16 + 1 - 1e16 :: Double)
  print (realToFrac (1e300 :: Double) :: Float, toRational (0.75 :: Double), fromRational 0.1 :: Double)
  print (2 ** 1023 * 2 :: Double, truncate (1e10 :: Double) :: Int, properFraction (-3.75 :: Double) :: (Int, Double))
