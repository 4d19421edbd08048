-- Bits on machine words of every size: shifts, rotations, counts, signs.
module Main (main) where

import Data.Bits
import Data.Int
import Data.Word

main :: IO ()
main = do
  print (map (popCount :: Word64 -> Int) [0, 1, 255, maxBound], countLeadingZeros (1 :: Word32), countTrailingZeros (8 :: Int16))
  print (rotateL (0x81 :: Word8) 1, rotateR (1 :: Word16) 1, rotate (0x70F0 :: Int16) 4)
  print (shiftR (-8) 1 :: Int8, shiftL 1 63 :: Int, unsafeShiftR (maxBound :: Word) 60, shift (5 :: Int) (-1), shiftL (1 :: Word32) 40)
  print (complement 0 :: Word16, (.&.) 12 10 :: Int, 12 .|. 3 :: Word8, xor 5 9 :: Int64)
  print (setBit (0 :: Word8) 7, clearBit (255 :: Word8) 0, complementBit (5 :: Int) 1, testBit (4 :: Int) 2)
  print (finiteBitSize (0 :: Int32), isSigned (0 :: Word8), zeroBits :: Int, bit 10 :: Word16)
  print (byteSwap64 0x0102030405060708, byteSwap16 0xABCD, bitReverse8 0x13)
  print (foldl (\h c -> (h `xor` fromIntegral (fromEnum c)) * 1099511628211) 14695981039346656037 "fnv1a" :: Word64)
