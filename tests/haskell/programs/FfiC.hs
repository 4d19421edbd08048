{-# LANGUAGE CApiFFI #-}
-- Calls into the C library and libm: pure, unsafe, capi, strings, pointers to functions.
-- Catches a calling convention that is wrong for floating point.
module Main (main) where

import Foreign
import Foreign.C

foreign import ccall unsafe "math.h sin" cSin :: Double -> Double
foreign import ccall "math.h pow" cPow :: CDouble -> CDouble -> CDouble
foreign import ccall "math.h floorf" cFloorf :: Float -> Float
foreign import capi "string.h strlen" cStrlen :: CString -> IO CSize
foreign import ccall "stdlib.h abs" cAbs :: CInt -> CInt
foreign import ccall "string.h memcmp" cMemcmp :: Ptr a -> Ptr a -> CSize -> IO CInt
foreign import ccall "stdlib.h strtol" cStrtol :: CString -> Ptr CString -> CInt -> IO CLong
foreign import ccall "math.h &cos" pCos :: FunPtr (Double -> Double)
foreign import ccall "dynamic" mkD :: FunPtr (Double -> Double) -> Double -> Double

main :: IO ()
main = do
  print (fromIntegral (round (cSin 1 * 1e12) :: Integer) / (1e12 :: Double))
  print (cPow 2 0.5 > 1.41421356 && cPow 2 0.5 < 1.41421357, cFloorf (-2.5), cAbs (-7))
  withCString "a string" cStrlen >>= print
  withCString "größer" cStrlen >>= print
  print (mkD pCos 0)
  r <- withCString "abc" (\p -> withCString "abd" (\q -> cMemcmp p q 3))
  print (r < 0)
  withCString "123xyz" $ \p -> alloca $ \e -> do
    n <- cStrtol p e 10
    rest <- peek e >>= peekCString
    print (n, rest)
  newCString "copied" >>= \p -> peekCString p >>= putStrLn >> free p
