-- alloca blocks nest, survive collections and are aligned; arrays and strings are marshalled.
-- Catches pinned memory that the collector moves.
module Main (main) where

import Foreign
import Foreign.C
import System.Mem

main :: IO ()
main = do
  r <- alloca $ \p -> do
    poke p (12345 :: Int)
    s <- allocaArray 100 $ \q -> do
      pokeArray q [1 .. 100 :: Word16]
      performGC
      sum . map fromIntegral <$> peekArray 100 q
    n <- peek p
    return (n, s :: Int)
  print r
  allocaBytesAligned 64 64 $ \p -> print (ptrToWordPtr (p :: Ptr ()) `mod` 64)
  with (2.5 :: Double) (\p -> peek (castPtr p :: Ptr Word64)) >>= print
  alloca $ \p -> poke p (0x01020304 :: Word32) >> peekArray 4 (castPtr p :: Ptr Word8) >>= print
  withArray0 0 [5, 6, 7 :: CInt] (\p -> lengthArray0 0 p) >>= print
  allocaArray 10 $ \p -> do
    pokeArray p [0 .. 9 :: Int]
    moveArray (p `advancePtr` 2) p 8
    peekArray 10 p >>= print
    copyArray p (p `advancePtr` 5) 3
    peekArray 10 p >>= print
