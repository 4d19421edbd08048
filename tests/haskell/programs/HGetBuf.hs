-- hGetBuf reads blocks of a file of the RAM disk, a short one at the end and none after it.
-- Catches reads across the border of a tar block.
module Main (main) where

import Data.Bits
import Foreign
import System.IO

main :: IO ()
main = do
  h <- openBinaryFile "bytes.bin" ReadMode
  allocaBytes 1000 $ \p -> loop h p (0 :: Int) (0 :: Word32)
  hClose h
  where
    loop h p total acc = do
      n <- hGetBuf h p 1000
      bytes <- peekArray n (p :: Ptr Word8)
      let acc' = foldl (\a b -> (a `xor` fromIntegral b) * 16777619) acc bytes
      putStrLn (show n ++ " " ++ show acc')
      if n == 0 then print total else loop h p (total + n) acc'
